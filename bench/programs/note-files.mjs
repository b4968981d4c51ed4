// A preload: names on stderr every file that is loaded after it, one a line.
import { registerHooks } from 'node:module';

registerHooks({
  load: (url, context, nextLoad) => {
    if (url.startsWith('file:')) process.stderr.write(`${url}\n`);
    return nextLoad(url, context);
  },
});
