import type { X509Certificate } from 'node:crypto';
import { failure, ok, warning, type CheckName, type Finding } from './finding';

const DAY_MS = 24 * 3600 * 1000;
const WARNING_DAYS = 30;

/** Whether a certificate is valid now, and for how long. `renew` says how to get another. */
export function checkValidity(
  check: CheckName,
  what: string,
  { validFrom, validTo }: X509Certificate,
  nowUnixMs: number,
  renew: string,
): Finding {
  const [from, to] = [Date.parse(validFrom), Date.parse(validTo)];
  if (nowUnixMs < from) {
    // Peers take it, but hardly anybody issues such a certificate: it is the clock that is wrong.
    return warning(check, `${what} is valid only from ${iso(from)} on`, "set this machine's clock by NTP");
  }
  if (nowUnixMs > to) return failure(check, 'INVALID_CONFIG', `${what} expired on ${iso(to)}`, renew);
  const days = Math.floor((to - nowUnixMs) / DAY_MS);
  const text = `${what} is valid until ${iso(to)}`;
  if (days >= WARNING_DAYS) return ok(check, text);
  return warning(check, `${text}: ${days} days are left`, renew);
}

const iso = (unixMs: number): string =>
  new Date(unixMs).toISOString().slice(0, 16).replace('T', ' ') + ' UTC';
