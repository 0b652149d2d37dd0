import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';

const ROOT = resolve(__dirname, '../../..');
const PUBLISHED = process.env['EKO_VECTORS'] ?? resolve(ROOT, '../shared/vectors');

/** Whether the collection of whole published vector files lies beside the repository, or where EKO_VECTORS says. */
export const hasPublishedVectors = existsSync(join(PUBLISHED, 'rfc9180'));

/** Why tests over whole files are skipped. */
export const NO_PUBLISHED_VECTORS = 'no vector files in ../shared/vectors or EKO_VECTORS';

/** A published file of JSON, gzipped or not; its shape is the reader's to know. */
export function readPublishedVectors(path: string): unknown {
  const bytes = readFileSync(join(PUBLISHED, path));
  return JSON.parse((path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8'));
}

/** Bytes of a hex field. */
export function unhex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'hex'));
}
