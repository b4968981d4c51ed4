// Real programs on Windows, or on what wine makes of it: `npm run windows`. Bundled into one file
// and run by the Node that is tested, with the folder of the installed package as its argument.
import './counting.ts';
import './sending.ts';
import './consent.ts';
import './files.ts';
import './front.ts';
import './attach.ts';
