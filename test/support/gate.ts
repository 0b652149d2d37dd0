/** Something to wait for, opened by hand. */
export interface Gate {
  readonly wait: Promise<void>;
  readonly open: () => void;
}

/** A gate that is shut. */
export function newGate(): Gate {
  let open: () => void = () => undefined;
  const wait = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { wait, open: () => open() };
}
