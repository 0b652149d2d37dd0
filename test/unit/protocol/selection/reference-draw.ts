import { createHash } from 'node:crypto';

/** What the reference knows of a candidate. */
export interface ReferenceCandidate {
  readonly nodeId: string;
  readonly mspId: string;
}

/** A field after its length in 4 bytes. */
function prefixed(field: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(field.length);
  return Buffer.concat([length, field]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** SHA-256 over length-prefixed fields, as the protocol labels its hashes. */
export function referenceHash(...fields: readonly (string | Uint8Array)[]): Buffer {
  const hash = createHash('sha256');
  for (const field of fields) hash.update(prefixed(Buffer.from(field as string)));
  return hash.digest();
}

/**
 * The draw written a second time, from the protocol's text and with nothing of the package: words of 4 bytes from a
 * counter stream, those at or above the largest multiple of the pool's size thrown away.
 */
export function referenceDraw(
  seed: Uint8Array,
  candidates: readonly ReferenceCandidate[],
  count: number,
  cap: number,
): string[] {
  const words: number[] = [];
  let blocks = 0;
  let pool = [...candidates].sort((a, b) => Buffer.compare(Buffer.from(a.nodeId), Buffer.from(b.nodeId)));
  const chosen: ReferenceCandidate[] = [];
  while (chosen.length < count) {
    if (words.length === 0) {
      const block = referenceHash('eko/1 draw', seed, uint32(blocks));
      for (let at = 0; at < 32; at += 4) words.push(block.readUInt32BE(at));
      blocks += 1;
    }
    const word = words.shift() ?? 0;
    if (word >= Math.floor(4_294_967_296 / pool.length) * pool.length) continue;
    const at = word % pool.length;
    const picked = pool[at]!;
    const last = pool.length - 1;
    pool = pool.map((entry, i) => (i === at ? pool[last]! : entry)).slice(0, last);
    if (chosen.filter((entry) => entry.mspId === picked.mspId).length < cap) chosen.push(picked);
  }
  return chosen.map((entry) => entry.nodeId);
}
