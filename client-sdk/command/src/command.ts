import { EkoError } from '@eko/protocol';
import type { Terminal } from './terminal';

/** An option of a command, in commander's notation: `--directory <path>` takes a value, `--detach` does not. */
export interface CommandOption {
  readonly flags: string;
  readonly summary: string;
  readonly defaultValue?: string;
  /** The command cannot do without it, and it has no default. */
  readonly isRequired?: boolean;
  /** May be given more than once. */
  readonly isList?: boolean;
}

/** One command of `eko`: what it is called, what it takes, how it is used, what it does. */
export interface Command {
  readonly path: readonly [group: string, name: string] | readonly [name: string];
  readonly summary: string;
  /** What a person must know besides, a paragraph each; only the command's own help shows it. */
  readonly about?: readonly string[];
  /** Operands in commander's notation: `<streamId>` is required, `[file]` is not. */
  readonly operands?: readonly { readonly form: string; readonly summary: string }[];
  readonly options?: readonly CommandOption[];
  /** Whatever follows is taken: it stands for commands that are not there, and its run says why. */
  readonly takesAnything?: boolean;
  /** What a person would type; `eko` at its beginning is left out. */
  readonly examples: readonly string[];
  /** Loads what it needs only now, so that help and small commands start fast. */
  run(input: CommandInput, terminal: Terminal): Promise<void>;
}

/** What a person typed for a command. */
export class CommandInput {
  readonly #operands: readonly (string | undefined)[];
  readonly #options: ReadonlyMap<string, unknown>;

  constructor(operands: readonly (string | undefined)[], options: ReadonlyMap<string, unknown>) {
    this.#operands = operands;
    this.#options = options;
  }

  /** The operand at a place, or `undefined`. */
  operand(place: number): string | undefined {
    return this.#operands[place];
  }

  /** A required operand. */
  requiredOperand(place: number): string {
    const value = this.#operands[place];
    if (value === undefined) throw new TypeError('a required operand is declared as such');
    return value;
  }

  /** Whether a flag was given. */
  flag(name: string): boolean {
    return this.#options.get(name) === true;
  }

  /** An option's value, or `undefined`. */
  text(name: string): string | undefined {
    const value = this.#options.get(name);
    return typeof value === 'string' ? value : undefined;
  }

  /**
   * An option that the command cannot do without.
   *
   * @throws EkoError `INVALID_ARGUMENT` naming it
   */
  requiredText(name: string): string {
    const value = this.text(name);
    if (value === undefined) throw invalid(name, 'is required');
    return value;
  }

  /** The values of an option that may be repeated. */
  list(name: string): readonly string[] {
    const value = this.#options.get(name);
    return Array.isArray(value) ? value.map(String) : [];
  }

  /**
   * A whole number.
   *
   * @throws EkoError `INVALID_ARGUMENT` naming the option
   */
  integer(name: string): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (!/^(0|[1-9][0-9]{0,14})$/.test(value)) throw invalid(name, 'takes a whole number');
    return Number(value);
  }

  /**
   * One of some words.
   *
   * @throws EkoError `INVALID_ARGUMENT` naming the option and the words
   */
  oneOf<Word extends string>(name: string, words: readonly Word[]): Word | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const word = words.find((each) => each === value);
    if (word === undefined) throw invalid(name, `takes one of ${words.join(', ')}`);
    return word;
  }

  /**
   * One of some words, which the command cannot do without.
   *
   * @throws EkoError `INVALID_ARGUMENT` naming the option and the words
   */
  requiredOneOf<Word extends string>(name: string, words: readonly Word[]): Word {
    const word = this.oneOf(name, words);
    if (word === undefined) throw invalid(name, `is required: one of ${words.join(', ')}`);
    return word;
  }
}

function invalid(name: string, why: string): EkoError {
  return new EkoError('INVALID_ARGUMENT', `--${name} ${why}`, { details: { option: name } });
}
