/** What processor time is spent on, as a profile shows it. */

const IDLE = 'idle';
const OTHER = 'other code';

const inFile =
  (pattern) =>
  ({ url }) =>
    pattern.test(url);
const named =
  (pattern) =>
  ({ functionName }) =>
    pattern.test(functionName);
const either = (one, other) => (frame) => one(frame) || other(frame);
/** Functions of V8 itself, such as `JSON.parse`, have no file. */
const builtIn =
  (pattern) =>
  ({ url, functionName }) =>
    url === '' && pattern.test(functionName);

/** The first that fits a frame is its cause. */
const CAUSES = [
  ['garbage collection', named(/^\(garbage collector\)$/)],
  [IDLE, named(/^\(idle\)$/)],
  ['native code that no frame stands for', named(/^\(program\)$/)],
  ['profiling', inFile(/node:inspector|internal\/util\/inspector/)],
  ['VRF', inFile(/sodium|vrf/i)],
  ['HPKE, key agreement', either(inFile(/hpke|x25519-key|sealed-message/), named(/diffieHellman|ECDH/i))],
  [
    'signatures',
    either(
      inFile(/ed25519|record-signature|native-signer/),
      named(/^_?(sign|verify)(OneShot)?$|^oneShot(Sign|Verify)$/),
    ),
  ],
  ['schema checks', either(inFile(/schema-check|typebox|^evalmachine/), builtIn(/^(check|expr|value_)/))],
  ['canonical JSON', inFile(/canonical-json/)],
  ['strict JSON', inFile(/strict-json|json-limits/)],
  ['JSON.parse, JSON.stringify', builtIn(/^(parse|stringify)$/)],
  [
    'base64url, UTF-8, bytes',
    either(
      inFile(/base64url|utf8|\/hex|byte-reader|\/bytes|node:buffer/),
      builtIn(/(Slice|Write)$|^byteLength/),
    ),
  ],
  [
    'secrets of streams: sharing, trees, commitments',
    inFile(
      /commit|labelled-hash|sheet|share-|gf256|sharing|tree|puncture|key-schedule|sum-of|edwards|identity-hash|draw|selection|receipt|secret-bytes|release-/,
    ),
  ],
  ['slots', inFile(/vault|slot/)],
  ['LevelDB', inFile(/level/)],
  ['gRPC, protobuf', inFile(/grpc|protobuf|fabric-gateway|fabric-protos|http2/)],
  [
    'HTTP',
    either(
      inFile(
        /fastify|light-my|find-my-way|avvio|_http|node:http|internal\/http|strict-server|peer-route|node-server|json-exchange|peer-caller|node-client|undici/,
      ),
      named(/parserOnHeaders|llhttp/),
    ),
  ],
  ['TLS', inFile(/tls/)],
  [
    'sockets, streams, emitters',
    inFile(/node:net|stream_base|internal\/streams|node:stream|node:events|internal\/event/),
  ],
  ['hashes, HKDF, AEAD of node:crypto', inFile(/internal\/crypto|node:crypto/)],
  [
    'timers, aborts, promises',
    either(
      inFile(/timers|abort|async_hooks|task_queues|process\/promises|deadline|backoff/),
      named(/^runMicrotasks$/),
    ),
  ],
  ['files', inFile(/node:fs|internal\/fs/)],
  [
    'events of the ledger, bundles kept',
    inFile(
      /ledger-events|event-supervisor|follow|bundle-book|stored-bundles|apply-ledger-event|bundle-projection|reduce-bundle|record-store/,
    ),
  ],
  ['contracts, ledger', inFile(/chaincode|embedded\/dist|fabric-contract|fabric-shim/)],
  ['SDK: client, collection', inFile(/sdk\/dist/)],
  ['code of the node', inFile(/(orchestrator|witness|node-kit)\/dist/)],
  ['logs, metrics', inFile(/pino|prom-client|metrics/)],
];

/**
 * Shares out processor time over causes: a sample goes to the nearest frame up its stack that has one.
 *
 * @param profiles - as V8 makes them, of processes of one kind
 * @param spentMs - what these processes took together
 * @returns milliseconds by cause
 */
export function causesOf(profiles, spentMs) {
  const samples = {};
  for (const profile of profiles) {
    const byNode = causeByNode(profile.nodes);
    profile.samples.forEach((node, place) => {
      const cause = byNode.get(node);
      // A sample stands for the time until the next.
      if (cause !== IDLE) samples[cause] = (samples[cause] ?? 0) + (profile.timeDeltas[place + 1] ?? 0);
    });
  }
  const all = Object.values(samples).reduce((sum, each) => sum + each, 0);
  return Object.fromEntries(Object.entries(samples).map(([cause, each]) => [cause, (each * spentMs) / all]));
}

function causeByNode(nodes) {
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])));
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const causes = new Map();
  const causeOf = (id) => {
    if (id === undefined) return OTHER;
    if (!causes.has(id)) causes.set(id, causeOfFrame(byId.get(id).callFrame) ?? causeOf(parents.get(id)));
    return causes.get(id);
  };
  for (const { id } of nodes) causeOf(id);
  return causes;
}

const causeOfFrame = (frame) => CAUSES.find(([, fits]) => fits(frame))?.[0];
