/** The secure stream against TLS 1.3 with a P-256 certificate and AES-256-GCM, between the same two processes. */
import 'reflect-metadata';
import { fork } from 'node:child_process';
import { randomBytes, webcrypto } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { LiveStreams, connectSecureStream } from '@eko/sdk/node';
import { PemConverter, X509CertificateGenerator } from '@peculiar/x509';
import { ROUNDS, figure, median } from './measure.mjs';
import { credentialsFrom } from './stream-peer.mjs';

const BULK_MIB = 256;
const HANDSHAKE_MS = 1_000;
const IN_FLIGHT = 8;

async function newCertificate() {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned(
    { name: 'CN=localhost', keys, signingAlgorithm: algorithm, notAfter: new Date(Date.now() + 86_400_000) },
    webcrypto,
  );
  const key = PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
  return { key, cert: certificate.toString('pem') };
}

/** Opens a connection and waits for its greeting, which says that the other end is through as well. */
async function greeted(opening) {
  const stream = await opening;
  stream.on('error', () => undefined);
  await once(stream, 'data');
  return stream;
}

async function handshakesPerSecond(open) {
  const started = performance.now();
  let count = 0;
  const run = async () => {
    while (performance.now() - started < HANDSHAKE_MS) {
      (await greeted(open())).destroy();
      count += 1;
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, run));
  return (count * 1000) / (performance.now() - started);
}

async function bytesPerSecond(open) {
  const stream = await greeted(open());
  const request = Buffer.alloc(4);
  request.writeUInt32BE(BULK_MIB);
  let left = BULK_MIB << 20;
  const started = performance.now();
  await new Promise((resolve) => {
    stream.on('data', (chunk) => {
      left -= chunk.length;
      if (left <= 0) resolve();
    });
    stream.write(request);
  });
  const elapsed = performance.now() - started;
  stream.destroy();
  return ((BULK_MIB << 20) * 1000) / elapsed;
}

/** Median over the rounds of measure(secure) ÷ measure(plain), which take turns at going first. */
async function ratio(measure, { secure, plain }) {
  const ratios = [];
  const rates = { secure: [], plain: [] };
  await measure(secure);
  await measure(plain);
  for (let round = 0; round < ROUNDS; round += 1) {
    const order = round % 2 === 0 ? ['secure', 'plain'] : ['plain', 'secure'];
    const rate = {};
    for (const name of order) rate[name] = await measure({ secure, plain }[name]);
    ratios.push(rate.secure / rate.plain);
    rates.secure.push(rate.secure);
    rates.plain.push(rate.plain);
  }
  return { ratio: median(ratios), secure: median(rates.secure), plain: median(rates.plain) };
}

export const cases = async ({ progress }) => {
  const certificate = await newCertificate();
  const keys = {
    streamId: '00000000-0000-4000-8000-000000000000/0',
    identity: `ek1.${'A'.repeat(22)}.1.i2p`,
    psk: randomBytes(32).toString('base64url'),
    confirmKey: randomBytes(32).toString('base64url'),
  };
  const peer = fork(fileURLToPath(new URL('stream-peer.mjs', import.meta.url)));
  const streams = new LiveStreams();
  try {
    peer.send({ keys, certificate });
    const [ports] = await once(peer, 'message');
    const credentials = credentialsFrom(keys);
    const secure = () => connectSecureStream({ host: '127.0.0.1', port: ports.secure, credentials, streams });
    const ciphers = { aes128Gcm: 'if-faster' };
    const aes128 = () =>
      connectSecureStream({ host: '127.0.0.1', port: ports.aes128, credentials, streams, ciphers });
    const plain = async () => {
      const socket = connect({
        host: '127.0.0.1',
        port: ports.plain,
        servername: 'localhost',
        ca: certificate.cert,
        checkServerIdentity: () => undefined,
        minVersion: 'TLSv1.3',
        ciphers: 'TLS_AES_256_GCM_SHA384',
      });
      await once(socket, 'secureConnect');
      return socket;
    };
    const bulk = await ratio(bytesPerSecond, { secure, plain });
    progress(`bulk: ${mebibytes(bulk.secure)} MiB/s secure stream, ${mebibytes(bulk.plain)} MiB/s plain TLS`);
    const fast = await ratio(bytesPerSecond, { secure: aes128, plain });
    progress(
      `bulk: ${mebibytes(fast.secure)} MiB/s with AES-128-GCM allowed, ${mebibytes(fast.plain)} MiB/s plain TLS`,
    );
    const shakes = await ratio(handshakesPerSecond, { secure, plain });
    progress(
      `handshakes: ${shakes.secure.toFixed(0)}/s secure stream, ${shakes.plain.toFixed(0)}/s certificate`,
    );
    const figures = [
      figure({ id: 'stream-throughput', value: bulk.ratio, unit: '× plain TLS 1.3 AES-256-GCM', goal: 0.95 }),
      figure({
        id: 'stream-throughput-aes128',
        value: fast.ratio,
        unit: '× plain TLS 1.3 AES-256-GCM',
        goal: 0.95,
      }),
      figure({ id: 'stream-handshakes', value: shakes.ratio, unit: '× certificate handshakes', goal: 1.9 }),
    ];
    return { figures };
  } finally {
    streams.close();
    peer.disconnect();
  }
};

const mebibytes = (bytes) => (bytes / 2 ** 20).toFixed(0);
