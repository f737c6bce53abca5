// The published client of MCP's SDK (revisions up to 2025-11-25) against the real server: over HTTP and
// by `tulving mcp`. It holds every structured answer against its tool's output schema. With the
// argument "modern" the client of the revision without a handshake, where it is installed.
//
//   node sdk_client.mjs TULVING DB URL
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import assert from 'node:assert/strict';

const [tulving, db, url] = process.argv.slice(2);

async function speak(transport, name) {
  const client = new Client({ name: 'test', version: '1.0.0' });
  await client.connect(transport);
  assert.equal(client.getServerVersion().name, 'tulving');
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

await speak(new StreamableHTTPClientTransport(new URL(url)), 'http');
await speak(new StdioClientTransport({ command: tulving, args: ['--db', db, 'mcp', '--end-when-idle', '1'] }), 'stdio');
