// Published clients of MCP against the real server, over HTTP and by `tulving mcp`: the SDK, whose newest
// revision is 2025-11-25, and its successor, which speaks 2026-07-28 where it is told to. Both hold every
// structured answer against its tool's output schema.
//
//   node sdk_client.mjs TULVING DB URL
import assert from 'node:assert/strict';

const [tulving, db, url] = process.argv.slice(2);

const legacy = {
  ...(await import('@modelcontextprotocol/sdk/client/index.js')),
  ...(await import('@modelcontextprotocol/sdk/client/stdio.js')),
  ...(await import('@modelcontextprotocol/sdk/client/streamableHttp.js')),
};
const modern = {
  ...(await import('@modelcontextprotocol/client')),
  ...(await import('@modelcontextprotocol/client/stdio')),
};

async function speak({ Client }, transport, name, options = {}) {
  const client = new Client({ name: 'test', version: '1.0.0' }, options);
  await client.connect(transport);
  assert.equal(client.getServerVersion()?.name ?? 'tulving', 'tulving');
  const { tools } = await client.listTools();
  assert.equal(tools.length, 11);
  const call = async (tool, args = {}) => {
    const result = await client.callTool({ name: tool, arguments: args });
    assert.equal(result.isError, false, JSON.stringify(result));
    return result.structuredContent;
  };
  const added = await call('add_memory', { text: `Ana drinks green tea (${name})`, user_id: name });
  const found = await call('search_memories', { query: 'what does Ana drink', user_id: name });
  assert.equal(found.results[0].id, added.id);
  assert.equal((await call('get_memory', { memory_id: added.id })).text, `Ana drinks green tea (${name})`);
  await call('get_memories', { user_id: name, limit: 5 });
  await call('update_memory', { memory_id: added.id, text: 'Ana drinks coffee' });
  assert.equal((await call('memory_history', { memory_id: added.id })).history.length, 2);
  await call('touch_memories', { memory_ids: [added.id] });
  await call('related_memories', { memory_id: added.id });
  await call('memory_stats');
  const wrong = await client.callTool({ name: 'search_memories', arguments: { query: 'x', limit: 0 } });
  assert.equal(wrong.isError, true);
  await assert.rejects(client.callTool({ name: 'nope', arguments: {} }));
  const { resources } = await client.listResources();
  assert.equal(resources[0].uri, 'memory://stats');
  assert.equal((await client.listResourceTemplates()).resourceTemplates.length, 1);
  const read = await client.readResource({ uri: `memory://${added.id}` });
  assert.equal(JSON.parse(read.contents[0].text).text, 'Ana drinks coffee');
  const { prompts } = await client.listPrompts();
  assert.deepEqual(prompts.map((prompt) => prompt.name), ['recall', 'memory_guide']);
  const prompt = await client.getPrompt({ name: 'recall', arguments: { query: 'coffee' } });
  assert.match(prompt.messages[0].content.text, /<recalled-memories/);
  await call('delete_memory', { memory_id: added.id });
  assert.equal((await call('delete_all_memories', { user_id: name })).deleted, 0);
  await client.close();
  console.log(`${name}: ok`);
}

const pinned = { versionNegotiation: { mode: { pin: '2026-07-28' } } };
const stdio = { command: tulving, args: ['--db', db, 'mcp', '--end-when-idle', '1'] };
for (const [sdk, era, options] of [[legacy, '2025-11-25', {}], [modern, '2026-07-28', pinned]]) {
  const http = new sdk.StreamableHTTPClientTransport(new URL(url));
  await speak(sdk, http, `http ${era}`, options);
  await speak(sdk, new sdk.StdioClientTransport(stdio), `stdio ${era}`, options);
}
