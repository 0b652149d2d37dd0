import {
  Heartbeat as HeartbeatArgument,
  ListNodes,
  NodeReference,
  NodeVersion,
  PublishOffer,
  ReadRoster,
  RegisterNode,
  UpdateNode,
  WithdrawOffer,
} from '@eko/protocol/ledger';
import { Context, Contract, Info, Returns, Transaction } from 'fabric-contract-api';
import { heartbeat } from '../domain/heartbeat';
import { approveNode, rejectNode } from '../domain/node-approval';
import { registerNode, retireNode, updateNode } from '../domain/node-registry';
import { publishOffer, withdrawOffer } from '../domain/offers';
import { listNodes, readNodeRecord, readRosterOf } from '../domain/read-nodes';
import { AGE_SKEW, peerClock, type PeerClock } from '../ledger/clock-guard';
import { readTlsCertificate } from '../ledger/tls-certificate';
import { answer, transact } from './transact';

/** Who takes part: nodes, their keys, their offers. @see docs/protocol.md, "The ledger is the directory" */
@Info({ title: 'registry', description: 'Nodes, their public keys and their standing offers' })
export class RegistryContract extends Contract {
  private readonly clock: PeerClock;

  constructor(clock: PeerClock = peerClock) {
    super('registry');
    this.clock = clock;
  }

  /** Registers a node and binds it to the submitter's identity. */
  @Transaction()
  @Returns('string')
  async RegisterNode(ctx: Context, argument: string): Promise<string> {
    const signature = { name: 'RegisterNode', argument: RegisterNode };
    return transact(ctx, this.clock, signature, argument, (registration, work) =>
      registerNode(registration, work, readTlsCertificate),
    );
  }

  /** Replaces a node's keys, addresses and attributes. */
  @Transaction()
  @Returns('string')
  async UpdateNode(ctx: Context, argument: string): Promise<string> {
    const signature = { name: 'UpdateNode', argument: UpdateNode };
    return transact(ctx, this.clock, signature, argument, (update, work) =>
      updateNode(update, work, readTlsCertificate),
    );
  }

  /** Lets a node take part that waits for its organisation's administrator. */
  @Transaction()
  @Returns('string')
  async ApproveNode(ctx: Context, argument: string): Promise<string> {
    return transact(ctx, this.clock, { name: 'ApproveNode', argument: NodeVersion }, argument, approveNode);
  }

  /** Turns away what waits for its organisation's administrator. */
  @Transaction()
  @Returns('string')
  async RejectNode(ctx: Context, argument: string): Promise<string> {
    return transact(ctx, this.clock, { name: 'RejectNode', argument: NodeVersion }, argument, rejectNode);
  }

  /** Takes a node out of service for good. */
  @Transaction()
  @Returns('string')
  async RetireNode(ctx: Context, argument: string): Promise<string> {
    return transact(ctx, this.clock, { name: 'RetireNode', argument: NodeReference }, argument, retireNode);
  }

  /** Publishes or replaces a party's standing consent. */
  @Transaction()
  @Returns('string')
  async PublishOffer(ctx: Context, argument: string): Promise<string> {
    return transact(
      ctx,
      this.clock,
      { name: 'PublishOffer', argument: PublishOffer },
      argument,
      publishOffer,
    );
  }

  /** Withdraws a party's standing consent. */
  @Transaction()
  @Returns('string')
  async WithdrawOffer(ctx: Context, argument: string): Promise<string> {
    return transact(
      ctx,
      this.clock,
      { name: 'WithdrawOffer', argument: WithdrawOffer },
      argument,
      withdrawOffer,
    );
  }

  /** Shows that a node is there. */
  @Transaction()
  @Returns('string')
  async Heartbeat(ctx: Context, argument: string): Promise<string> {
    const signature = { name: 'Heartbeat', argument: HeartbeatArgument, clockSkew: AGE_SKEW };
    return transact(ctx, this.clock, signature, argument, heartbeat);
  }

  /** One node's record. */
  @Transaction(false)
  @Returns('string')
  async ReadNode(ctx: Context, argument: string): Promise<string> {
    return answer(ctx, { name: 'ReadNode', argument: NodeReference }, argument, readNodeRecord);
  }

  /** A page of all nodes. */
  @Transaction(false)
  @Returns('string')
  async ListNodes(ctx: Context, argument: string): Promise<string> {
    return answer(ctx, { name: 'ListNodes', argument: ListNodes }, argument, listNodes);
  }

  /** The eligible nodes of a role. */
  @Transaction(false)
  @Returns('string')
  async ReadRoster(ctx: Context, argument: string): Promise<string> {
    return answer(ctx, { name: 'ReadRoster', argument: ReadRoster }, argument, readRosterOf);
  }
}
