/**
 * Builds a plugin in JavaScript:
 *
 *     node build.mjs --world operator --wit wit --source app.js --output plugin.wasm
 *
 * `@bytecodealliance/componentize-js` is looked for in the folder of the source, then beside this file. The
 * component imports the world and nothing else: all features of the engine that need WASI are left out.
 */

import { existsSync } from 'node:fs';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

const PACKAGE = 'lincei:plugin';
const VERSION = '1.0.0';
const LOG = ['log', 'write'];
const METRICS = [['metrics', 'count'], ['metrics', 'gauge']];
const STATE = [
  ['state', 'get as stateGet'], ['state', 'set as stateSet'], ['state', 'delete as stateDelete'], ['state', 'add as stateAdd'],
];

/** What each world offers to the SDK, which is written for all of them. */
const WORLDS = {
  operator: [LOG, ['clock', 'now'], ...STATE, ...METRICS],
  function: [LOG],
  rule: [LOG, ...METRICS],
  notifier: [LOG, ...STATE, ['http', 'send'], ['secrets', 'exists']],
  escalation: [LOG, ...METRICS],
};
const NAMES = ['write', 'now', 'stateGet', 'stateSet', 'stateDelete', 'stateAdd', 'count', 'gauge', 'send', 'exists'];

/** The module `lincei/host.js`: the world's own imports, and `undefined` for what it does not have. */
function hostModule(world) {
  const given = WORLDS[world].map(([, names]) => names.split(' ').pop());
  const lines = WORLDS[world].map(([name, names]) => `export { ${names} } from '${PACKAGE}/${name}@${VERSION}';`);
  const missing = NAMES.filter((name) => !given.includes(name)).map((name) => `export const ${name} = undefined;`);
  return `${[...lines, ...missing].join('\n')}\n`;
}

/** Looks in the `node_modules` of a folder and of those above it. */
async function findPackage(folder) {
  for (let at = folder; ; at = dirname(at)) {
    const entry = join(at, 'node_modules', '@bytecodealliance', 'componentize-js', 'src', 'componentize.js');
    if (existsSync(entry)) return import(pathToFileURL(entry));
    if (at === dirname(at)) return undefined;
  }
}

async function importComponentize(folder) {
  const found = (await findPackage(folder)) ?? (await findPackage(dirname(fileURLToPath(import.meta.url))));
  if (!found) throw new Error('@bytecodealliance/componentize-js is not installed: run npm ci');
  return found.componentize;
}

const isSource = (path) => !['node_modules', 'wit', 'tests', '.git'].includes(basename(path));

async function build({ world, wit, source, sdk, output }) {
  if (!(world in WORLDS)) throw new Error(`--world is one of ${Object.keys(WORLDS).join(', ')}`);
  const from = resolve(source);
  const componentize = await importComponentize(dirname(from));
  const folder = await mkdtemp(join(tmpdir(), 'lincei-'));
  try {
    await cp(dirname(from), folder, { recursive: true, filter: isSource });
    if (sdk) await cp(resolve(sdk), join(folder, 'lincei'), { recursive: true });
    await writeFile(join(folder, 'lincei', 'host.js'), hostModule(world));
    const { component } = await componentize({
      sourcePath: join(folder, basename(from)),
      witPath: resolve(wit),
      worldName: world,
      disableFeatures: ['stdio', 'random', 'clocks', 'http', 'fetch-event'],
    });
    await writeFile(output, component);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const { values } = parseArgs({
  options: {
    world: { type: 'string' },
    wit: { type: 'string', default: 'wit' },
    source: { type: 'string', default: 'app.js' },
    sdk: { type: 'string' },
    output: { type: 'string', default: 'plugin.wasm' },
  },
});
await build(values);
