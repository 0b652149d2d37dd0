import type { GatewayLedgerOptions } from '@eko/sdk';

type GatewayClient = NonNullable<GatewayLedgerOptions['client']>;

/** A client that tells of each call to the gateway when it starts: `Endorse`, `Submit`, `CommitStatus`. */
export function watchedClient(client: GatewayClient, onCall: (method: string) => void): GatewayClient {
  return new Proxy(client, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      return (...args: readonly unknown[]): unknown => {
        const answer: unknown = Reflect.apply(member, target, args);
        if (name === 'makeUnaryRequest') onCall(String(args[0]).split('/').at(-1) ?? '');
        return answer;
      };
    },
  });
}
