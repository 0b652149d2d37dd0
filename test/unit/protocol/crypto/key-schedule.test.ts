import { createHash, createHmac, hkdfSync } from 'node:crypto';
import { SecretBytes } from '@eko/protocol';
import {
  LABELS,
  deriveCheckValue,
  deriveConfirmKey,
  deriveEpochKey,
  deriveExportedKey,
  deriveStreamPsk,
  pskIdentity,
} from '@eko/protocol/crypto';
import { lengthPrefixed, uint32Bytes, utf8Encode } from '@eko/protocol/encoding';
import { codedError } from '../../../support/coded-error';
import { SAMPLE_CONTEXT } from '../sample-dealing';

const epochContext = {
  bundleId: SAMPLE_CONTEXT.bundleId,
  index: 3,
  requestTxId: SAMPLE_CONTEXT.requestTxId,
  policyHash: SAMPLE_CONTEXT.policyHash,
  epoch: 1,
};
const contribution = (fill: number) => new SecretBytes('contribution', new Uint8Array(32).fill(fill));
const hex = (secret: SecretBytes) => secret.use((bytes) => Buffer.from(bytes).toString('hex'));
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest();
const text = (...fields: (string | Uint8Array)[]) =>
  lengthPrefixed(...fields.map((field) => (typeof field === 'string' ? utf8Encode(field) : field)));
const epochKey = deriveEpochKey(epochContext, [contribution(1), contribution(2)]);

describe('labels', () => {
  it('are one for each purpose', () => {
    const labels = Object.values(LABELS);
    expect(new Set(labels).size).toBe(labels.length);
    expect(labels.every((label) => label.startsWith('eko/1 '))).toBe(true);
  });
});

describe('epoch key', () => {
  it('is HKDF-SHA256 over all contributions in their order', () => {
    const salt = sha256(
      text(
        'eko/1 epoch salt',
        epochContext.bundleId,
        uint32Bytes(3),
        epochContext.requestTxId,
        epochContext.policyHash,
      ),
    );
    const ikm = Buffer.concat([Buffer.alloc(32, 1), Buffer.alloc(32, 2)]);
    const info = Buffer.concat([Buffer.from('eko/1 epoch'), uint32Bytes(1)]);
    expect(hex(epochKey)).toBe(Buffer.from(hkdfSync('sha256', ikm, salt, info, 32)).toString('hex'));
  });

  it('changes with every field, contribution and order', () => {
    const both = [contribution(1), contribution(2)];
    const keys = [
      epochKey,
      deriveEpochKey({ ...epochContext, bundleId: 'other' }, both),
      deriveEpochKey({ ...epochContext, index: 4 }, both),
      deriveEpochKey({ ...epochContext, requestTxId: 'other' }, both),
      deriveEpochKey({ ...epochContext, policyHash: 'other' }, both),
      deriveEpochKey({ ...epochContext, epoch: 2 }, both),
      deriveEpochKey(epochContext, [...both].reverse()),
      deriveEpochKey(epochContext, both.slice(0, 1)),
      deriveEpochKey(epochContext, [contribution(1), contribution(3)]),
    ];
    expect(new Set(keys.map(hex)).size).toBe(keys.length);
  });

  it('takes contributions of 32 bytes, and at least one', () => {
    expect(() => deriveEpochKey(epochContext, [])).toThrow(RangeError);
    const short = new SecretBytes('contribution', new Uint8Array(31));
    expect(() => deriveEpochKey(epochContext, [contribution(1), short])).toThrow(RangeError);
  });
});

describe('keys of a stream', () => {
  const identity = pskIdentity({ channel: 'trade', streamId: 'bundle/3', epoch: 1, direction: 'i2p' });
  const others = [
    { channel: 'other', streamId: 'bundle/3', epoch: 1, direction: 'i2p' },
    { channel: 'trade', streamId: 'bundle/4', epoch: 1, direction: 'i2p' },
    { channel: 'trade', streamId: 'bundle/3', epoch: 2, direction: 'i2p' },
    { channel: 'trade', streamId: 'bundle/3', epoch: 1, direction: 'p2i' },
  ] as const;

  it('go by an identity that is short, plain and opaque', () => {
    expect(identity).toMatch(/^ek1\.[A-Za-z0-9_-]{22}\.1\.i2p$/);
    expect(identity).not.toContain('trade');
    expect(new Set([identity, ...others.map((other) => pskIdentity(other))]).size).toBe(5);
  });

  it('are HKDF-Expand under their own labels', () => {
    const expand = (label: string) =>
      epochKey.use((key) =>
        createHmac('sha256', key).update(text(label, identity)).update(Uint8Array.of(1)).digest('hex'),
      );
    expect(hex(deriveStreamPsk(epochKey, { identity }))).toBe(expand('eko/1 psk'));
    expect(hex(deriveConfirmKey(epochKey, { identity }))).toBe(expand('eko/1 confirm'));
  });

  it('differ by identity and purpose', () => {
    const identities = [identity, ...others.map((other) => pskIdentity(other))];
    const keys = identities.flatMap((each) => [
      deriveStreamPsk(epochKey, { identity: each }),
      deriveConfirmKey(epochKey, { identity: each }),
    ]);
    expect(new Set(keys.map(hex)).size).toBe(10);
    expect(keys.every((key) => key.length === 32)).toBe(true);
  });
});

describe('exported keys', () => {
  const context = utf8Encode('context');
  it('differ by label, context and length, and none is the beginning of another', () => {
    const keys = [
      deriveExportedKey(epochKey, 'app', context, 32),
      deriveExportedKey(epochKey, 'app2', context, 32),
      deriveExportedKey(epochKey, 'app', utf8Encode('other'), 32),
      deriveExportedKey(epochKey, 'app', context, 16),
      deriveExportedKey(epochKey, 'app', context, 1024),
    ];
    expect(keys.map((key) => key.length)).toEqual([32, 32, 32, 16, 1024]);
    expect(new Set(keys.map((key) => hex(key).slice(0, 32))).size).toBe(keys.length);
  });

  it.each([
    ['', 32],
    ['two\nlines', 32],
    ['x'.repeat(65), 32],
    ['app', 15],
    ['app', 1025],
    ['app', 16.5],
    ['app', Number.NaN],
  ])('refuse label %j with %d bytes', (label, length) => {
    expect(codedError(() => deriveExportedKey(epochKey, label, context, length)).code).toBe(
      'INVALID_ARGUMENT',
    );
  });
});

describe('check value', () => {
  it('belongs to one contribution, dealing and stream, and is not the contribution', () => {
    const values = [
      deriveCheckValue(contribution(1), SAMPLE_CONTEXT, 0),
      deriveCheckValue(contribution(2), SAMPLE_CONTEXT, 0),
      deriveCheckValue(contribution(1), SAMPLE_CONTEXT, 1),
      deriveCheckValue(contribution(1), { ...SAMPLE_CONTEXT, dealer: 'orchestrator-2' }, 0),
      new Uint8Array(32).fill(1),
    ];
    expect(new Set(values.map((value) => Buffer.from(value).toString('hex'))).size).toBe(values.length);
    expect(values.every((value) => value.length === 32)).toBe(true);
  });
});
