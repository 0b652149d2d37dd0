/** First part of each ledger state key; the parts that follow are joined by `/`. */
export const STATE_KEYS = {
  node: 'node',
  identity: 'identity',
  publicKey: 'key',
  roster: 'roster',
  pendingNodes: 'pending',
  parties: 'parties',
  heartbeat: 'heartbeat',
  bundle: 'bundle',
  open: 'open',
  acceptance: 'acceptance',
  assignment: 'assignment',
  dealings: 'dealings',
  permit: 'permit',
  end: 'end',
  attestation: 'attestation',
} as const;
