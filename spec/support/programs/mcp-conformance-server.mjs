// @ts-check
// A server with most of what the conformance suite asks for, on the first major of the official SDK.
import { McpServer, ResourceTemplate } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';

// One pixel, and no sound.
const data =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const text = (/** @type {string} */ words) => ({
  type: /** @type {const} */ ('text'),
  text: words,
});
const image = { type: /** @type {const} */ ('image'), data, mimeType: 'image/png' };
const audio = {
  type: /** @type {const} */ ('audio'),
  data: 'UklGRiQAAABXQVZF',
  mimeType: 'audio/wav',
};
const resource = (/** @type {string} */ uri) => ({
  type: /** @type {const} */ ('resource'),
  resource: { uri, mimeType: 'text/plain', text: 'embedded' },
});
const user = /** @type {const} */ ('user');

const server = new McpServer(
  { name: 'conformance', version: '1.0.0' },
  { capabilities: { logging: {}, resources: { subscribe: true } } },
);

/** @type {Record<string, import('@modelcontextprotocol/sdk/types.js').CallToolResult['content']>} */
const tools = {
  test_simple_text: [text('This is a simple text response for testing.')],
  test_image_content: [image],
  test_audio_content: [audio],
  test_embedded_resource: [resource('test://embedded-resource')],
  test_multiple_content_types: [text('mixed'), image, resource('test://mixed-content-resource')],
};
for (const [name, content] of Object.entries(tools)) {
  server.registerTool(name, { description: name }, () => ({ content }));
}
server.registerTool('test_error_handling', { description: 'fails' }, () => {
  throw new Error('This tool intentionally returns an error for testing');
});
server.registerTool('test_tool_with_logging', { description: 'logs' }, async () => {
  for (const line of ['started', 'processing data', 'completed']) {
    await server.server.sendLoggingMessage({ level: 'info', data: `Tool execution ${line}` });
  }
  return { content: [text('logged')] };
});
server.registerTool(
  'test_tool_with_progress',
  { description: 'tells' },
  async ({ _meta, sendNotification }) => {
    const progressToken = _meta?.progressToken ?? 0;
    for (const progress of [0, 50, 100]) {
      await sendNotification({
        method: 'notifications/progress',
        params: { progressToken, progress, total: 100 },
      });
    }
    return { content: [text('done')] };
  },
);

const messagesOf = (/** @type {any} */ ...contents) => ({
  messages: contents.map((/** @type {any} */ content) => ({ role: user, content })),
});
server.registerPrompt('test_simple_prompt', {}, () =>
  messagesOf(text('This is a simple prompt for testing.')),
);
server.registerPrompt('test_prompt_with_image', {}, () => messagesOf(image, text('see above')));

server.registerResource('text', 'test://static-text', { mimeType: 'text/plain' }, ({ href }) => ({
  contents: [{ uri: href, mimeType: 'text/plain', text: 'static' }],
}));
server.registerResource(
  'binary',
  'test://static-binary',
  { mimeType: 'image/png' },
  ({ href }) => ({
    contents: [{ uri: href, mimeType: 'image/png', blob: data }],
  }),
);
server.registerResource(
  'template',
  new ResourceTemplate('test://template/{id}/data', { list: undefined }),
  { mimeType: 'application/json' },
  ({ href }, { id }) => ({
    contents: [{ uri: href, mimeType: 'application/json', text: JSON.stringify({ id, data: id }) }],
  }),
);

await server.connect(new StdioServerTransport());
