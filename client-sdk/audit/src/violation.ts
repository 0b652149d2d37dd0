import type { Submitter } from './submitter';

/** What every channel's blocks must keep, and what a violation of it is called. */
export const CHAIN_RULES = {
  'broken-chain': 'a block has the next number and the hash of the block before it',
  'changed-block': 'a block holds the transactions that its header was made for',
  'wrong-channel': 'blocks are of the channel that is named, from its first on',
  'unsigned-block': 'a block is signed by those orderers that the configuration asks for',
  'forged-transaction': 'a valid transaction is signed by a member of the channel, who gave it its ID',
  'unendorsed-transaction': 'a valid transaction is endorsed as channel and chaincode ask',
  'repeated-transaction': 'a transaction is valid once',
  'outdated-read': 'a valid transaction had read what was there when it was ordered',
} as const;

/** What the history in them must keep. */
export const HISTORY_RULES = {
  'lost-request': 'an acknowledged request is on the ledger',
  'release-without-permit': 'a share leaves on a permit of that party, bundle, epoch and stream',
  'release-after-end': 'the permit is ordered before any end of the stream',
  'release-by-stranger': 'a share leaves from a witness that was drawn for the stream, to one of its parties',
  'release-of-other-dealing':
    'a receipt names the activation and the assignment of what its bundle was dealt by',
  'release-out-of-time': "a share leaves soon after its permit, and before its stream's time is over",
  'permit-used-twice': 'a witness serves a permit once for each party and stream',
  'receipt-signature': 'a receipt is signed by the witness that it names, for this channel',
  'receipt-chain': "a witness's receipts follow each other without a gap",
  'receipt-fork': 'a witness has one receipt of each number, in all files together and on the ledger',
  'receipt-missing':
    'a witness still has every receipt that it has shown on the ledger, and shows how many there are whenever it speaks of itself',
  'wrong-author': 'a fact names the node, or the administrator, that submitted it',
  'act-by-stranger': 'who acts on a stream takes part in it, and in the right place',
  'wrong-time': 'a fact has the time of its transaction, and the times of a bundle follow from its request',
  'wrong-node':
    'a node keeps its name, identity, organisation and role, its keys belong to no other and change by its own update, one epoch at a time, and an act changes no more of it than is its to change',
  'wrong-request':
    'a request has the parties, hashes and numbers that follow from what was asked, and waits in a free slot',
  'wrong-consent':
    "a bundle rests on its provider's acceptance, or on an offer that covered it when it was requested",
  'wrong-assignment': 'who deals follows from the consent, the roster and the sets before',
  'wrong-end': 'a stream ends for a reason that its author may give, when that reason holds',
  'wrong-draw': 'the witnesses follow from the proofs of the assigned orchestrators',
  'wrong-dealing': 'each dealer deals once, by an ID of its own, with an envelope for every holder',
  'unreadable-fact': 'what the chaincode says of a transaction is in one of its forms',
  'wrong-signature': 'dealings and attestations are signed by the nodes that they name',
  'unannounced-write': 'a transaction writes the records that its event announces, and no others',
  'wrong-value':
    'a record that is written is the one that its event announces, or that follows from all events',
  'written-twice': 'a fact is written once',
  'wrong-fence': 'fences grow by one, and who deals repeats the one in force',
  'act-after-end': 'nothing happens to a stream after its end',
  'act-out-of-order': 'every act follows the one that it rests on',
  'attestation-by-stranger': 'destruction is attested by nodes that held something',
} as const;

/** The name of a rule. */
export type HistoryRule = keyof typeof CHAIN_RULES | keyof typeof HISTORY_RULES;

/** Where on the ledger something stands. */
export interface HistoryPlace {
  readonly blockNumber: bigint;
  /** Place in the block, from 0. */
  readonly index: number;
  readonly txId: string;
}

/** One transaction that counts: where it stands, who submitted it, and which time it was given. */
export interface Act extends HistoryPlace {
  readonly submitter: Submitter;
  readonly timeUnixMs: number;
}

/** One rule that a history does not keep, and where. */
export interface Violation {
  readonly rule: HistoryRule;
  readonly text: string;
  /** A stream, or a bundle where all its streams are concerned. */
  readonly streamId?: string;
  readonly blockNumber?: bigint;
  readonly txId?: string;
  /** Whose receipt, by its number, or by its line where it has none. */
  readonly receipt?: string;
}

/** What is wrong with one transaction. */
export interface Flaw {
  readonly rule: HistoryRule;
  readonly text: string;
}

/** Tells whether one place is ordered before another. */
export function isBefore(one: HistoryPlace, other: HistoryPlace): boolean {
  if (one.blockNumber !== other.blockNumber) return one.blockNumber < other.blockNumber;
  return one.index < other.index;
}

/** A violation by what a transaction did. */
export function violationAt(
  rule: HistoryRule,
  { blockNumber, txId }: HistoryPlace,
  streamId: string | undefined,
  text: string,
): Violation {
  return { rule, text, ...(streamId === undefined ? {} : { streamId }), blockNumber, txId };
}
