type Kind = "counter" | "gauge";

/** One number, with a value for each set of labels. */
class Metric {
  private readonly values = new Map<string, number>();

  constructor(
    readonly name: string,
    readonly kind: Kind,
    readonly help: string,
  ) {}

  set(value: number, labels: Record<string, string> = {}): void {
    this.values.set(labelText(labels), value);
  }

  add(value = 1, labels: Record<string, string> = {}): void {
    const key = labelText(labels);
    this.values.set(key, (this.values.get(key) ?? 0) + value);
  }

  render(): string {
    const lines = [...this.values].map(([labels, value]) => `${this.name}${labels} ${value}`);
    return [`# HELP ${this.name} ${this.help}`, `# TYPE ${this.name} ${this.kind}`, ...lines].join("\n");
  }
}

/** A service's numbers in Prometheus's text format, without a dependency. */
export class Metrics {
  private readonly all: Metric[] = [];

  constructor(private readonly prefix: string) {}

  /** A number that only grows. It shows as 0 from the start unless it has labels. */
  counter(name: string, help: string, labelled = false): Metric {
    return this.metric(name, "counter", help, labelled);
  }

  gauge(name: string, help: string, labelled = false): Metric {
    return this.metric(name, "gauge", help, labelled);
  }

  render(): string {
    return `${this.all.map((metric) => metric.render()).join("\n")}\n`;
  }

  private metric(name: string, kind: Kind, help: string, labelled: boolean): Metric {
    const metric = new Metric(`${this.prefix}_${name}`, kind, help);
    if (!labelled) metric.set(0);
    this.all.push(metric);
    return metric;
  }
}

function labelText(labels: Record<string, string>): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}
