import { firstBytes, nextBytes } from './first-bytes.mjs';
import { bystanders, ledgerBytes, lifeTransactions } from './ledger-use.mjs';
import { bundles, endKept, idle, writes } from './loads.mjs';
import { memory, pages, startAgain } from './node-processes.mjs';
import { profiled } from './profiles.mjs';
import { releasesWithoutOne } from './release-times.mjs';
import { revocations } from './revocations.mjs';
import { signers } from './signers.mjs';

/** What a lane can be told to measure, by its name: each is given the lane and options, and answers what can be sent. */
export const COMMANDS = {
  bundles,
  bystanders,
  endKept,
  firstBytes,
  idle,
  ledgerBytes,
  lifeTransactions,
  memory,
  nextBytes,
  pages,
  profiled,
  releasesWithoutOne,
  revocations,
  signers,
  startAgain,
  writes,
};
