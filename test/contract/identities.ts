import type { JsonName } from '@peculiar/x509';
import { TRANSACTIONS } from '@eko/protocol/ledger';
import { connectGatewayLedger } from '@eko/sdk';
import { CertificateAuthority, issueIdentity, type Organisation } from '@eko/msp';
import { status } from '@grpc/grpc-js';
import { encodeCommitStatusRequest } from '../../client-sdk/sdk/src/ledger/commit-status-request';
import { gatewayError } from '../../client-sdk/sdk/src/ledger/gateway-errors';
import { profileOf } from './ledger-under-test';
import type { Suite } from './suite-context';
import { expectUnordered } from './unordered';
import { registerNode } from '../support/in-process/register-node';
import { randomUUID } from 'node:crypto';
import { issueOddCertificate, type OddCertificate } from '../support/data/certificates';
import {
  CHAINCODE,
  CHANNEL,
  connectClient,
  take,
  type TestIdentity,
} from '../support/in-process/gateway-client';
import { endorse, run } from './probe';

/** In days. Authorities begin a few minutes before they are made. */
const MINUTE = 1 / (24 * 60);

/** Who a submitter is, to the ledger and to EKO's contracts. */
export function describeIdentities(suite: Suite): void {
  describe('identities', () => {
    /** The code with which an identity's query comes back; `NOT_FOUND` is the contract's own answer to it. */
    const codeFor = async (identity: TestIdentity): Promise<string> => {
      const ledger = connectGatewayLedger({ profile: profileOf(suite().ledger, identity) });
      try {
        await ledger.evaluate(TRANSACTIONS.readNode, { nodeId: 'nobody' });
        throw new Error('nobody was found');
      } catch (error) {
        return (error as { code: string }).code;
      } finally {
        ledger.close();
      }
    };
    const issue = async ({ mspId, ca }: Organisation, odd: OddCertificate): Promise<TestIdentity> => ({
      mspId,
      ...(await issueOddCertificate(ca, odd)),
    });

    it('are told apart by organisation and key, whatever their names say', async () => {
      const { ledger: under } = suite();
      const [first, second] = under.organisations;
      const names: JsonName[] = [
        [{ CN: ['p/q/CN=bob'] }],
        [{ CN: ['a::b'] }],
        [{ O: ['::b'] }, { CN: ['a'] }],
        [{ CN: ['x, OU=admin + OU=peer'] }],
        [{ CN: ['é☃'] }],
      ];
      const registered: { nodeId: string; identity: TestIdentity }[] = [];
      for (const subject of names) {
        for (const organisation of [first, second]) {
          const identity = await issue(organisation, { subject });
          const profile = profileOf(under, identity);
          const ledger = connectGatewayLedger({ profile });
          const { nodeId } = await registerNode(ledger, profile, `party-${randomUUID()}`, 'party');
          registered.push({ nodeId, identity });
          ledger.close();
        }
      }
      const heartbeat = async (identity: TestIdentity, nodeId: string): Promise<string> => {
        const ledger = connectGatewayLedger({ profile: profileOf(under, identity) });
        const code = await ledger.submit(TRANSACTIONS.heartbeat, { nodeId }).then(
          () => 'committed',
          (error: unknown) => (error as { code: string }).code,
        );
        ledger.close();
        return code;
      };
      const [one, sameNameElsewhere] = registered as [(typeof registered)[0], (typeof registered)[0]];
      expect(await heartbeat(one.identity, one.nodeId)).toBe('committed');
      expect(await heartbeat(sameNameElsewhere.identity, one.nodeId)).toBe('FORBIDDEN');
      const renamed = await issue(first, { subject: names[0]! });
      expect(await heartbeat(renamed, one.nodeId)).toBe('FORBIDDEN');
    });

    it.each<[string, (pem: string, other: string) => string, string]>([
      ['no last line feed', (pem) => pem.trimEnd(), 'NOT_FOUND'],
      ['nothing', () => '', 'FORBIDDEN'],
      ['no PEM', () => 'nothing', 'FORBIDDEN'],
      ['two blocks', (pem, other) => pem + other, 'IDENTITY_NOT_CANONICAL'],
      ['a blank before it', (pem) => ` ${pem}`, 'FORBIDDEN'],
      ['a tab before it', (pem) => `\t${pem}`, 'FORBIDDEN'],
      ['a comment before it', (pem) => `# note\n${pem}`, 'IDENTITY_NOT_CANONICAL'],
      ['a line feed before it', (pem) => `\n${pem}`, 'IDENTITY_NOT_CANONICAL'],
      ['a byte after it', (pem) => `${pem}x`, 'IDENTITY_NOT_CANONICAL'],
      ['a line feed after it', (pem) => `${pem}\n`, 'IDENTITY_NOT_CANONICAL'],
      ['carriage returns', (pem) => pem.replaceAll('\n', '\r\n'), 'IDENTITY_NOT_CANONICAL'],
      ['one carriage return', (pem) => pem.replace('\n', '\r\n'), 'IDENTITY_NOT_CANONICAL'],
      ['one long line', (pem) => framed(bodyOf(pem)), 'IDENTITY_NOT_CANONICAL'],
      [
        'short lines',
        (pem) => framed(bodyOf(pem).replace(/(.{60})(?=.)/g, '$1\n')),
        'IDENTITY_NOT_CANONICAL',
      ],
      ['an empty line', (pem) => pem.replace('\n', '\n\n'), 'IDENTITY_NOT_CANONICAL'],
      ['an empty line inside', (pem) => pem.replace(/\n(?=.{64}\n)/g, '\n\n'), 'IDENTITY_NOT_CANONICAL'],
      ['a blank inside', (pem) => pem.replace('MI', 'M I'), 'INTERNAL'],
      ['a NUL inside', (pem) => pem.replace('MI', 'M\0I'), 'FORBIDDEN'],
      ['a header', (pem) => framed(`Proc-Type: 4,ENCRYPTED\n\n${linesOf(bodyOf(pem))}`), 'INTERNAL'],
      [
        'another label',
        (pem) => pem.replaceAll('CERTIFICATE', 'TRUSTED CERTIFICATE'),
        'IDENTITY_NOT_CANONICAL',
      ],
      ['no body', () => framed(''), 'FORBIDDEN'],
      [
        'a byte after its DER',
        (pem) => framed(linesOf(recoded(pem, (der) => Buffer.concat([der, Buffer.of(0)])))),
        'FORBIDDEN',
      ],
      ['cut DER', (pem) => framed(linesOf(recoded(pem, (der) => der.subarray(0, -1)))), 'FORBIDDEN'],
      ['20 kB', () => framed(linesOf(Buffer.alloc(15_000).toString('base64'))), 'FORBIDDEN'],
    ])('with %s as their certificate are answered as they should be', async (_what, change, code) => {
      const { ledger, alice } = suite();
      const [organisation] = ledger.organisations;
      const other = await issueIdentity(organisation, { name: 'other' });
      const identity = { ...alice, certificatePem: change(alice.certificatePem, other.certificatePem) };
      expect(await codeFor(identity)).toBe(code);
    });

    it.each<[string, OddCertificate]>([
      ['began before that of its authority', { validFromDays: -3 }],
      ['has no role', { units: ['sales'] }],
      ['has two roles', { units: ['client', 'admin'] }],
      ['is an authority', { isAuthority: true }],
    ])('are refused whose certificate %s', async (_why, odd) => {
      const [organisation] = suite().ledger.organisations;
      expect(await codeFor(await issue(organisation, odd))).toBe('FORBIDDEN');
    });

    it('are refused whose certificate has expired', async () => {
      const { ledger } = suite();
      const [organisation] = ledger.organisations;
      const expired = await issue(organisation, { validFromDays: -2 * MINUTE, validForDays: MINUTE });
      expect(await codeFor(expired)).toBe(ledger.refusesExpiredQueries ? 'FORBIDDEN' : 'NOT_FOUND');
      const client = connectClient(ledger, expired);
      const error: unknown = await endorse(client).catch((each: unknown) => each);
      const { blockNumber: startBlock } = await run(suite().client, ['event', 'told', 'anybody']);
      const events = await take(await client.network.getChaincodeEvents(CHAINCODE, { startBlock }), 1);
      const blocks = take(await client.network.getBlockEvents({ startBlock }), 1);
      await expect(blocks).rejects.toMatchObject({ message: 'Unexpected status response: 403' });
      client.close();
      // No peer looks for the end of a certificate here.
      expect(events).toHaveLength(1);
      const message = expect.stringContaining('proposal client identity expired') as string;
      expect(error).toMatchObject({ name: 'EndorseError', details: [{ message }] });
      expect(gatewayError(error, 'endorse')).toMatchObject({ code: 'FORBIDDEN' });
    });

    it('are taken before their certificate begins', async () => {
      const [organisation] = suite().ledger.organisations;
      expect(await codeFor(await issue(organisation, { validFromDays: 1 }))).toBe('NOT_FOUND');
    });

    it('may be clients, administrators, peers and orderers, whatever units they are of besides', async () => {
      const [organisation] = suite().ledger.organisations;
      for (const role of ['client', 'admin', 'peer', 'orderer']) {
        expect([role, await codeFor(await issue(organisation, { units: [role, 'sales'] }))]).toEqual([
          role,
          'NOT_FOUND',
        ]);
      }
    });

    it('are refused that another organisation, or a stranger under its name, certified', async () => {
      const { ledger, alice } = suite();
      const [organisation] = ledger.organisations;
      expect(await codeFor({ ...alice, mspId: 'Org2MSP' })).toBe('FORBIDDEN');
      expect(await codeFor({ ...alice, mspId: 'Org9MSP' })).toBe('FORBIDDEN');
      const { domain } = organisation;
      const ca = await CertificateAuthority.create(`ca.${domain}`, domain);
      expect(await codeFor(await issue({ ...organisation, ca }, {}))).toBe('FORBIDDEN');
    });

    it('get no events, blocks or statuses, and have nothing ordered, unless they are of the channel', async () => {
      const { ledger, client } = suite();
      const [organisation] = ledger.organisations;
      const { mspId, domain } = organisation;
      const ca = await CertificateAuthority.create(`ca.${domain}`, domain);
      const mallory = connectClient(ledger, await issue({ ...organisation, ca }, {}));
      try {
        const denied = { code: status.PERMISSION_DENIED };
        const events = await mallory.network.getChaincodeEvents(CHAINCODE, { startBlock: 0n });
        await expect(take(events, 1)).rejects.toMatchObject(denied);
        const blocks = await mallory.network.getBlockEvents({ startBlock: 0n });
        await expect(take(blocks, 1)).rejects.toMatchObject({ message: 'Unexpected status response: 403' });
        const request = encodeCommitStatusRequest({
          txId: '0'.repeat(64),
          channel: CHANNEL,
          mspId,
          credentials: Buffer.from('nothing'),
        });
        await expect(mallory.gateway.newCommit(request).getStatus()).rejects.toMatchObject(denied);
        const endorsed = await endorse(client);
        await expectUnordered(ledger, mallory.gateway.newTransaction(endorsed.getBytes()).submit(), {
          text: /status=FORBIDDEN, info=implicit policy evaluation failed/,
          code: 'FORBIDDEN',
        });
      } finally {
        mallory.close();
      }
    });

    it('are refused with somebody else’s key', async () => {
      const { ledger, alice } = suite();
      const { privateKeyPem } = await issueIdentity(ledger.organisations[0], { name: 'eve' });
      expect(await codeFor({ ...alice, privateKeyPem })).toBe('FORBIDDEN');
    });

    it('have a P-256 key; Ed25519 where the channel knows it', async () => {
      const { ledger } = suite();
      const [organisation] = ledger.organisations;
      const ed25519 = await issue(organisation, { keyAlgorithm: 'Ed25519' });
      expect(await codeFor(ed25519)).toBe(ledger.hasEd25519 ? 'NOT_FOUND' : 'FORBIDDEN');
    });
  });
}

const bodyOf = (pem: string): string => pem.replace(/-----[A-Z ]+-----|\s/g, '');
const linesOf = (base64: string): string => base64.replace(/(.{64})(?=.)/g, '$1\n');
const framed = (body: string): string => `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`;
const recoded = (pem: string, change: (der: Buffer) => Buffer): string =>
  change(Buffer.from(bodyOf(pem), 'base64')).toString('base64');
