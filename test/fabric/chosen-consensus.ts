/** How orderers agree on the networks of this run: `FABRIC_CONSENSUS=bft` makes them BFT orderers. */
export const CONSENSUS = process.env['FABRIC_CONSENSUS'] === 'bft' ? 'bft' : 'raft';
