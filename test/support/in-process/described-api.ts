import { firstMisfit, recordIn, type JsonSchema } from './json-schema';

/** One call of an operation. */
export interface ApiCall {
  readonly path?: Readonly<Record<string, string | number>>;
  readonly query?: Readonly<Record<string, string | number>>;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What came back, already found to be what the document says. */
export interface ApiAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly value: Readonly<Record<string, unknown>>;
}

/** A REST API called by the names of its own OpenAPI document, every answer checked against it. */
export class DescribedApi {
  readonly address: string;
  readonly token: string;
  readonly document: JsonSchema;
  /** `operationId status`, for each answer that came. */
  readonly seen = new Set<string>();

  private constructor(address: string, token: string, document: JsonSchema) {
    this.address = address;
    this.token = token;
    this.document = document;
  }

  static async open(address: string, token: string): Promise<DescribedApi> {
    const answer = await fetch(`${address}/openapi.json`);
    return new DescribedApi(address, token, (await answer.json()) as JsonSchema);
  }

  /** Every operation of the document: its ID, method, path and description. */
  operations(): readonly { id: string; method: string; path: string; operation: JsonSchema }[] {
    const paths = recordIn(this.document, 'paths');
    return Object.keys(paths).flatMap((path) => {
      const item = recordIn(paths, path);
      return Object.keys(item).map((method) => {
        const operation = recordIn(item, method);
        return { id: String(operation['operationId']), method, path, operation };
      });
    });
  }

  /** The path of an operation with its parameters filled in. */
  pathOf(id: string, { path: parameters = {}, query = {} }: ApiCall): string {
    let { path } = this.#operation(id);
    for (const [name, value] of Object.entries(parameters)) path = path.replace(`{${name}}`, String(value));
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) search.set(name, String(value));
    return search.size === 0 ? path : `${path}?${search.toString()}`;
  }

  async call(id: string, call: ApiCall = {}): Promise<ApiAnswer> {
    const { method, operation } = this.#operation(id);
    const answer = await fetch(this.address + this.pathOf(id, call), {
      method: method.toUpperCase(),
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...call.headers,
      },
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
    });
    const value = (await answer.json()) as Readonly<Record<string, unknown>>;
    const responses = recordIn(operation, 'responses');
    const described = recordIn(responses, answer.status in responses ? String(answer.status) : 'default');
    const mediaType = answer.headers.get('content-type') ?? '';
    const content = recordIn(recordIn(described, 'content'), mediaType);
    if (content['schema'] === undefined)
      throw new Error(`${id}: ${answer.status} ${mediaType} is not described`);
    const misfit = firstMisfit(recordIn(content, 'schema'), value, this.document);
    if (misfit !== undefined) throw new Error(`${id}: the answer ${answer.status} does not fit at ${misfit}`);
    if (mediaType.endsWith('problem+json') && value['status'] !== answer.status)
      throw new Error(`${id}: the problem says ${String(value['status'])}, the answer ${answer.status}`);
    this.seen.add(`${id} ${answer.status}`);
    return { status: answer.status, headers: answer.headers, value };
  }

  /** The status and the problem's code. */
  async refusal(id: string, call: ApiCall = {}): Promise<readonly [number, unknown]> {
    const { status, value } = await this.call(id, call);
    return [status, value['code']];
  }

  #operation(id: string) {
    const found = this.operations().find((operation) => operation.id === id);
    if (found === undefined) throw new RangeError(`the document has no operation ${id}`);
    return found;
  }
}
