/** What a node's log says when it finds itself retired, at its start or while it runs. */
export const RETIRED_NOTICE =
  'this node is retired: it takes no new part and serves what it holds until those streams have ended; then stop it';
