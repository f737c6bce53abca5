// Each sentence is found first by its paraphrase, by the published clients of MCP: the SDK and its successor,
// each with a tenant of its own, by `tulving mcp`.
//
//   node sdk_paraphrases.mjs TULVING DB PAIRS
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';

const [tulving, db, file] = process.argv.slice(2);
const pairs = readFileSync(file, 'utf8').trimEnd().split('\n').map((line) => line.split('\t'));
assert.equal(pairs.length, 10);

async function speak({ Client }, { StdioClientTransport }, tenant, options) {
  const client = new Client({ name: 'test', version: '1.0.0' }, options);
  await client.connect(new StdioClientTransport({
    command: tulving,
    args: ['--db', db, '--embedder', 'use-lite', 'mcp', '--tenant', tenant, '--end-when-idle', '1'],
    env: process.env,
  }));
  const call = async (name, args) => {
    const result = await client.callTool({ name, arguments: args });
    assert.equal(result.isError, false, JSON.stringify(result));
    return result.structuredContent;
  };
  for (const [text] of pairs) await call('add_memory', { text });
  for (const [text, paraphrase] of pairs) {
    let found;
    for (let i = 0; found !== text && i < 300; ++i) {  // Vectors come a moment after their texts.
      if (i > 0) await setTimeout(100);
      found = (await call('search_memories', { query: paraphrase })).results[0]?.text;
    }
    assert.equal(found, text, paraphrase);
  }
  await client.close();
}

await speak(await import('@modelcontextprotocol/sdk/client/index.js'),
            await import('@modelcontextprotocol/sdk/client/stdio.js'), 'legacy', {});
await speak(await import('@modelcontextprotocol/client'), await import('@modelcontextprotocol/client/stdio'),
            'modern', { versionNegotiation: { mode: { pin: '2026-07-28' } } });
