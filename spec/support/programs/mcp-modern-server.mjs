// @ts-check
// A server on the second major of the official SDK, which serves both eras.
import { inputRequired, McpServer } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';

const text = (/** @type {string} */ words) => ({
  content: [{ type: /** @type {const} */ ('text'), text: words }],
});

serveStdio(() => {
  const server = new McpServer({ name: 'modern', version: '1.0.0' });
  server.registerTool('codegraph_explore', {}, () => text('found'));
  server.registerTool('codegraph_node', {}, () => ({ ...text('no such node'), isError: true }));
  server.registerTool('ask_first', {}, (context) =>
    context.mcpReq.inputResponses === undefined
      ? inputRequired({ inputRequests: { where: inputRequired.listRoots() } })
      : text('thank you'),
  );
  return server;
});
