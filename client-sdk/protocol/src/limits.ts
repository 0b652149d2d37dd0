/** Every limit of the protocol, once. Sizes are bytes of UTF-8 or raw bytes; times are as named. */
export const LIMITS = {
  /** One stream request inside a bundle, as canonical JSON. */
  requestBytes: 8 * 1024,
  /** A whole request, as canonical JSON. */
  wholeRequestBytes: 256 * 1024,
  /** One transaction argument. */
  argumentBytes: 2 * 1024 * 1024,
  jsonDepth: 8,
  requestsPerBundle: 200,
  witnesses: 16,
  dealers: 8,
  permissions: 16,
  labels: 8,
  tags: 8,
  /** How often a node may change what selection rests on, while a draw over the old facts may be due. */
  selectionChanges: 8,
  /** Nodes of one role and MSP that can be chosen at one time. */
  rosterNodesPerMsp: 64,
  /** Nodes of one role that can be chosen at one time, of all MSPs. */
  rosterNodes: 512,
  /** Places of a roster that no other MSP can take, for each of the first `msps` that have nodes in it. */
  rosterNodesReserved: 8,
  /** As `rosterNodesPerMsp`, with what former facts draws may still count. */
  rosterEntriesPerMsp: 128,
  /** As `rosterNodes`, with what former facts draws may still count. */
  rosterEntries: 1024,
  /** As `rosterNodesReserved`, with what former facts draws may still count. */
  rosterEntriesReserved: 16,
  /** Nodes of one MSP that wait for its administrator. */
  pendingNodesPerMsp: 64,
  /** Parties of one MSP, with those that retired so lately that a stream of theirs may live. */
  partiesPerMsp: 1000,
  offers: 16,
  msps: 32,
  dataTypesPerOffer: 32,
  /** Connections of one stream at a time: the most that a policy may ask for. */
  connectionsPerStream: 1024,
  durationSecondsMin: 5,
  durationSecondsMax: 7 * 24 * 3600,
  /** How long a request may wait for the provider's consent. */
  consentSecondsMin: 5,
  consentSecondsMax: 24 * 3600,
  /** Requests of one organisation that may wait for one provider's consent at a time. */
  openSlots: 32,
  /** Dealings are taken for so long after the consent. */
  setupLimitMs: 120_000,
  textCharacters: 64,
  noteCharacters: 200,
  endpointCharacters: 200,
  certificateBytes: 2048,
  /** Assignments of a bundle: the first and those that follow when a lease runs out. */
  fences: 3,
  /** Abandoned dealings that a dealer names to a witness with the next one; older ones end with the assignment. */
  abandonedDealings: 8,
  /** An assignment has at least this long by every peer's clock. */
  assignmentLeaseMs: 10_000,
  /** It may be replaced so long after its own time: after its lease, and what two submitters' words may be off. */
  replacedAfterMs: 16_000,
  /** A peer refuses to endorse a transaction whose timestamp is further than this from its clock. */
  clockSkewMs: 60_000,
  /** As `clockSkewMs`, of one by whose time others tell how old something is: so far ahead, and no further. */
  aheadSkewMs: 3_000,
  /** As `clockSkewMs`, of a transaction that ends a lease and starts the next. */
  leaseSkewMs: 3_000,
  /** Attestations that one transaction brings, of any nodes. */
  attestationsPerTransaction: 256,
  /** Epochs of bundles that one attestation names. */
  destructionsPerAttestation: 400,
  /** The same, of all attestations of a transaction. */
  destructionsPerTransaction: 1024,
  listPage: 100,
  /** One frame of the upgrade's leg, between a program and its sidecar. */
  frameBytes: 1024 * 1024,
  /** A page ends after the record that makes it this long: a client of a gateway takes 4 MiB in one answer. */
  listBytes: 1024 * 1024,
  /** How long a program may ask to wait for the other side of its stream. */
  transferWaitSeconds: 24 * 3600,
  /** One sealed envelope, raw: a root, and what sealing adds. */
  envelopeBytes: 256,
  /** One sealed release, raw: every other stream of the largest bundle, of the most dealers. */
  releaseBytes: 32 * 1024,
  /** One commitment sheet, raw. */
  sheetBytes: 512 * 1024,
  /** A node-to-node body that carries an attestation of the most destructions, each with all its streams. */
  attestationBodyBytes: 512 * 1024,
  /** A node-to-node answer or body that carries an envelope with its sheet. */
  envelopeBodyBytes: 1024 * 1024,
} as const;
