/** Where something happens. */
export type CutPlace = 'sender' | 'receiver' | "sender's sidecar" | "receiver's sidecar" | 'network';

/** When it happens: both are there and nothing was sent; a part has arrived; all has arrived but its end. */
export type CutMoment = 'before the first byte' | 'in the middle' | 'at the last byte';

/** What happens. */
export type CutCause = 'SIGINT' | 'SIGTERM' | 'SIGKILL' | 'full disk' | 'revoked' | 'expired' | 'ledger lost';

/** One cell of the matrix, and the codes that each end may name, all of them true; a killed command names none. */
export interface CutCell {
  readonly cause: CutCause;
  readonly place: CutPlace;
  readonly moment: CutMoment;
  readonly sender: readonly (string | undefined)[];
  readonly receiver: readonly (string | undefined)[];
  /** What an end says of `STREAM_ENDED`. */
  readonly reason?: string;
  /** Whether the stream lives on, and has to work afterwards. */
  readonly lives: boolean;
}

export const MOMENTS: readonly CutMoment[] = ['before the first byte', 'in the middle', 'at the last byte'];
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGKILL'] as const;
const CUT = ['STREAM_CUT'];
const ended = (reason: string) => ({ sender: ['STREAM_ENDED'], receiver: ['STREAM_ENDED'], reason });

type Row = Omit<CutCell, 'moment'>;

function signalRows(cause: (typeof SIGNALS)[number]): readonly Row[] {
  const isKill = cause === 'SIGKILL';
  const own = isKill ? [undefined] : ['CANCELLED'];
  // A sidecar that is asked to stop says so if there is still time, and does not answer afterwards.
  const sidecar = isKill ? ['PEER_UNAVAILABLE'] : ['SHUTTING_DOWN', 'PEER_UNAVAILABLE'];
  // In a network that goes down, either end may see the other side go first.
  const either = [...sidecar, ...CUT];
  return [
    { cause, place: 'sender', sender: own, receiver: CUT, lives: true },
    { cause, place: 'receiver', sender: CUT, receiver: own, lives: true },
    { cause, place: "sender's sidecar", sender: sidecar, receiver: CUT, lives: true },
    { cause, place: "receiver's sidecar", sender: CUT, receiver: sidecar, lives: true },
    { cause, place: 'network', sender: either, receiver: either, lives: true },
  ];
}

/**
 * The matrix. Not every cause has every place: a sender and sidecars write no data, so that only a receiver's disk counts
 * (sidecars have a store, and go on without it); a stream is revoked by its parties and expires everywhere; the ledger of
 * the development network is one process.
 */
export const CUT_CELLS: readonly CutCell[] = [
  ...SIGNALS.flatMap(signalRows),
  { cause: 'full disk', place: 'receiver', sender: CUT, receiver: ['STORE_FULL'], lives: true } as const,
  { cause: 'revoked', place: "sender's sidecar", ...ended('revoked'), lives: false } as const,
  { cause: 'revoked', place: "receiver's sidecar", ...ended('revoked'), lives: false } as const,
  { cause: 'expired', place: 'network', ...ended('expired'), lives: false } as const,
  { cause: 'ledger lost', place: 'network', ...ended('failed'), lives: false } as const,
].flatMap((row) => MOMENTS.map((moment) => ({ ...row, moment })));

/** Cells that tell most for their time: these are in every run of the tests. */
const TELLING: readonly (readonly [CutCause, CutPlace, CutMoment])[] = [
  ['SIGKILL', 'sender', 'in the middle'],
  ['SIGINT', 'sender', 'at the last byte'],
  ['SIGKILL', 'receiver', 'at the last byte'],
  ['SIGKILL', "sender's sidecar", 'in the middle'],
  ['SIGTERM', "receiver's sidecar", 'at the last byte'],
  ['full disk', 'receiver', 'in the middle'],
  ['revoked', "receiver's sidecar", 'in the middle'],
];

/** The cells of a run: all of them where the environment says so (`npm run test:cuts`). */
export function cellsOf(env: Readonly<Record<string, string | undefined>>): readonly CutCell[] {
  if (env['EKO_CUTS'] === 'all') return CUT_CELLS;
  return CUT_CELLS.filter((cell) =>
    TELLING.some(
      ([cause, place, moment]) => cell.cause === cause && cell.place === place && cell.moment === moment,
    ),
  );
}

/** A cell's name. */
export const nameOf = ({ cause, place, moment }: CutCell): string => `${cause} at the ${place}, ${moment}`;
