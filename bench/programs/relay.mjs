// A relay in front of a server that looks at nothing: what any process in between costs.
import { spawn } from 'node:child_process';

const [, , file = '', ...args] = process.argv;
const server = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'] });
process.stdin.pipe(server.stdin);
server.stdout.pipe(process.stdout);
server.on('exit', (code) => process.exit(code ?? 1));
