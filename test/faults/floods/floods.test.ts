import { Flood, type FloodPlan } from './flood';
import { FloodedNetwork } from './flooded-network';

/** `npm run test:floods` is the full thing, some minutes long; in `npm test` a small one runs. */
const IS_FULL = process.env['EKO_FLOODS'] === 'full';
const CALLS = IS_FULL ? 100 : 12;
/** More than a port ever kept open. */
const AT_A_TIME = 1_100;
const MOST = IS_FULL ? 150_000 : 6_000;
/** Longer than the members need on a busy machine. */
const FOR_MS = IS_FULL ? 240_000 : 60_000;
/** Of so many calls a member keeps all but so many. */
const LOST = Math.floor(CALLS / 100);

const ONE = ['127.0.0.2'];
const SIXTEEN = Array.from({ length: 16 }, (_, place) => `127.0.0.${place + 2}`);
/** Where the members are too. */
const SHARED = ['127.0.0.1'];
const FROM: readonly [string, readonly string[]][] = IS_FULL
  ? [
      ['one address', ONE],
      ['16 addresses', SIXTEEN],
      ["the members' address", SHARED],
    ]
  : [["16 addresses and the members'", [...SIXTEEN, ...SHARED]]];

jest.setTimeout(IS_FULL ? 300_000 : 120_000);

describe('a flood of strangers', () => {
  let network: FloodedNetwork;
  beforeAll(async () => {
    network = await FloodedNetwork.start();
  });
  afterAll(() => network.stop());

  /** Members' calls while a flood lasts, one after the other; answers how many were kept. */
  async function keptIn(
    plan: Pick<FloodPlan, 'kind' | 'port' | 'addresses'>,
    call: (turn: number) => Promise<boolean>,
  ) {
    const flood = await Flood.start({ ...plan, atATime: AT_A_TIME, most: MOST, forMs: FOR_MS });
    let kept = 0;
    const beganAt = performance.now();
    for (let turn = 0; turn < CALLS; turn += 1) if (await call(turn)) kept += 1;
    const tookMs = performance.now() - beganAt;
    const wasOn = flood.isOn;
    const { made } = await flood.stop();
    if (IS_FULL)
      console.log(
        `${plan.kind} to ${plan.port}: ${made} of the flood, ${kept}/${CALLS} kept, ${Math.round(tookMs / CALLS)} ms a call`,
      );
    expect(wasOn).toBe(true);
    expect(made).toBeGreaterThanOrEqual(AT_A_TIME);
    return kept;
  }

  const answered = (work: Promise<unknown>): Promise<boolean> =>
    work.then(
      () => true,
      (error: unknown) => {
        if (IS_FULL) console.log(error);
        return false;
      },
    );

  describe.each(FROM)('from %s', (_name, addresses) => {
    it('with TLS and no certificate keeps no party from a witness', async () => {
      const bundleId = await network.activeBundle(1);
      const witness = await network.witnessOf(bundleId);
      const { port } = network.portsOf(witness);
      const kept = await keptIn({ kind: 'tls', port, addresses }, async () => {
        const permitTxId = await network.initiator.permit(bundleId, 0);
        return answered(network.initiator.askForShares(witness, { bundleId, index: 0, permitTxId }));
      });
      expect(kept).toBeGreaterThanOrEqual(CALLS - LOST);
    });

    it('of handshakes that go no further keeps no initiator from a provider', async () => {
      const stream = await network.initiator.stream(await network.activeBundle(1));
      const connect = async (deadlineMs: number): Promise<void> => {
        const received = network.receiveAtProvider(stream.id);
        const connection = await stream.open({ deadlineMs });
        connection.write('x', () => connection.destroy());
        await received;
      };
      // The provider serves it from now on.
      await connect(20_000);
      const { streams: port } = network.portsOf('provider');
      const kept = await keptIn({ kind: 'tcp', port, addresses }, async () => answered(connect(5_000)));
      expect(kept).toBeGreaterThanOrEqual(CALLS - LOST);
    });

    it.each(IS_FULL ? (['call', 'tcp'] as const) : (['call'] as const))(
      'of the kind %s at the REST API takes no call from those with a token, and no revocation at all',
      async (kind) => {
        const bundleId = await network.activeBundle(CALLS);
        const { port } = network.portsOf('provider');
        let revoked = 0;
        const kept = await keptIn({ kind, port, addresses }, async (turn) => {
          const path = `/v1/streams/${bundleId}/${turn}`;
          const isShown = (await network.callProvider('GET', path)) === 200;
          if ((await network.callProvider('POST', `${path}/revoke`, '{}')) === 200) revoked += 1;
          return isShown;
        });
        if (IS_FULL) console.log(`${revoked}/${CALLS} revoked`);
        expect(revoked).toBe(CALLS);
        expect(kept).toBeGreaterThanOrEqual(CALLS - LOST);
      },
    );

    if (IS_FULL) {
      it('at the operations port keeps nobody from asking how a node is', async () => {
        const { operations: port } = network.portsOf('witness-1');
        const kept = await keptIn(
          { kind: 'tcp', port, addresses },
          async () =>
            (await network.ask('witness-1', '/readyz')) === 200 &&
            (await network.ask('witness-1', '/metrics')) === 200,
        );
        expect(kept).toBeGreaterThanOrEqual(CALLS - LOST);
      });
    }
  });

  it('and what members did is in the log and the metrics of the party, in few lines and without a secret', async () => {
    const metrics = await network.metricsOf('provider');
    const valueOf = (series: string): number =>
      Number(
        metrics
          .split('\n')
          .find((line) => line.startsWith(`${series} `))
          ?.slice(series.length) ?? 0,
      );
    const revoked = valueOf('eko_stream_ends_total{reason="revoked"}');
    expect(revoked).toBeGreaterThanOrEqual(CALLS);
    expect(valueOf('eko_stream_end_seconds_count{reason="revoked"}')).toBe(revoked);
    // A full run outlasts a stream or two of its earlier tests.
    const expired = valueOf('eko_stream_ends_total{reason="expired"}');
    expect(valueOf('eko_streams{state="ended"}')).toBe(revoked + expired);
    expect(valueOf('eko_stream_connections_opened_total')).toBeGreaterThanOrEqual(CALLS);
    expect(valueOf('eko_stream_bytes_total{direction="received"}')).toBeGreaterThan(0);
    expect(valueOf('eko_refused_connections_total{port="api",reason="rate"}')).toBeGreaterThan(0);
    expect(valueOf('eko_refused_calls_total{code="UNAUTHENTICATED"}')).toBeGreaterThan(0);
    for (const nodeId of ['witness-1', 'orchestrator-1', 'provider']) {
      expect(await network.metricsOf(nodeId)).toMatch(
        /^eko_build_info\{version="[0-9.]+",role="[a-z]+".*\} 1$/m,
      );
      expect(await network.metricsOf(nodeId)).toMatch(/^process_cpu_seconds_total [0-9.]+$/m);
    }
    const lines = network.logOf('provider');
    const texts = lines.map((line) => (JSON.parse(line) as { msg?: string }).msg);
    for (const text of [
      'streams are active',
      'a connection is closed',
      'a stream has ended',
      'call without a token',
    ])
      expect(texts).toContain(text);
    const refusedForRate = valueOf('eko_refused_connections_total{port="api",reason="rate"}');
    expect(lines.filter((line) => line.includes('too soon')).length).toBeLessThan(refusedForRate / 5);
    expect(lines.some((line) => line.includes(network.token))).toBe(false);
  });
});
