import { ed25519 } from '@noble/curves/ed25519';
import { decodeEdwardsPoint, littleEndian, type EdwardsPoint } from './edwards-point';
import { sumOfMultiples } from './sum-of-multiples';
import type { VrfCurve } from './vrf-curve';

const { Point } = ed25519;
const { Fn } = Point;

/**
 * The curve of a VRF in plain JavaScript, the same wherever it runs. Its big integers take a time that depends on their
 * values, so a process that proves for others over a network is better off with another adapter.
 */
export const nobleVrfCurve: VrfCurve = {
  clearCofactor: (point) => decodeEdwardsPoint(point)?.clearCofactor().toBytes(),
  reduce: (wide) => Fn.toBytes(Fn.create(littleEndian(wide))),
  multiplyBase: (scalar) => Point.BASE.multiply(littleEndian(scalar)).toBytes(),
  multiply: (scalar, point) => requirePoint(point).multiply(littleEndian(scalar)).toBytes(),
  respond: (challenge, scalar, nonce) =>
    Fn.toBytes(Fn.create(littleEndian(challenge) * littleEndian(scalar) + littleEndian(nonce))),
  commitments: (claim) => {
    const y = decodeEdwardsPoint(claim.publicKey);
    const gamma = decodeEdwardsPoint(claim.gamma);
    if (y === undefined || y.isSmallOrder() || gamma === undefined) return undefined;
    const challenge = littleEndian(claim.challenge);
    const response = littleEndian(claim.response);
    const u = Point.BASE.multiplyUnsafe(response).add(sumOfMultiples([challenge, y.negate()]));
    const v = sumOfMultiples([response, requirePoint(claim.h)], [challenge, gamma.negate()]);
    return { u: u.toBytes(), v: v.toBytes(), cleared: gamma.clearCofactor().toBytes() };
  },
};

function requirePoint(bytes: Uint8Array): EdwardsPoint {
  const point = decodeEdwardsPoint(bytes);
  if (point === undefined) throw new TypeError('expected a point of clearCofactor');
  return point;
}
