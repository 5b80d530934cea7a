type Labels = Record<string, string>;

interface Rendered {
  render(): string;
}

/** A counter or gauge, with one value per set of labels. */
class Metric implements Rendered {
  private readonly values = new Map<string, number>();

  constructor(
    readonly name: string,
    readonly kind: "counter" | "gauge",
    readonly help: string,
  ) {}

  set(value: number, labels: Labels = {}): void {
    this.values.set(labelText(labels), value);
  }

  add(value = 1, labels: Labels = {}): void {
    const key = labelText(labels);
    this.values.set(key, (this.values.get(key) ?? 0) + value);
  }

  /** The value is unknown at present: it is not rendered. */
  clear(): void {
    this.values.clear();
  }

  render(): string {
    const lines = [...this.values].map(([labels, value]) => `${this.name}${labels} ${value}`);
    return [`# HELP ${this.name} ${this.help}`, `# TYPE ${this.name} ${this.kind}`, ...lines].join("\n");
  }
}

/** Cumulative buckets, with the sum and the count of all observations. */
class Histogram implements Rendered {
  private readonly counts: number[];
  private sum = 0;
  private count = 0;

  constructor(
    readonly name: string,
    readonly help: string,
    /** Ascending. */
    private readonly bounds: readonly number[],
  ) {
    this.counts = bounds.map(() => 0);
  }

  observe(value: number): void {
    const at = this.bounds.findIndex((bound) => value <= bound);
    if (at >= 0) this.counts[at] = (this.counts[at] ?? 0) + 1;
    this.sum += value;
    this.count += 1;
  }

  render(): string {
    let below = 0;
    const buckets = this.bounds.map((bound, at) => {
      below += this.counts[at] ?? 0;
      return `${this.name}_bucket{le="${bound}"} ${below}`;
    });
    return [
      ...[`# HELP ${this.name} ${this.help}`, `# TYPE ${this.name} histogram`, ...buckets],
      ...[
        `${this.name}_bucket{le="+Inf"} ${this.count}`,
        `${this.name}_sum ${this.sum}`,
        `${this.name}_count ${this.count}`,
      ],
    ].join("\n");
  }
}

/** A service's metrics in Prometheus's text format, without a dependency. */
export class Metrics {
  private readonly all: Rendered[] = [];

  constructor(private readonly prefix: string) {}

  /** A value that only grows. It is rendered as 0 from the start unless it has labels. */
  counter(name: string, help: string, labelled = false): Metric {
    return this.metric(name, "counter", help, labelled);
  }

  gauge(name: string, help: string, labelled = false): Metric {
    return this.metric(name, "gauge", help, labelled);
  }

  histogram(name: string, help: string, bounds: readonly number[]): Histogram {
    const histogram = new Histogram(`${this.prefix}_${name}`, help, bounds);
    this.all.push(histogram);
    return histogram;
  }

  render(): string {
    return `${this.all.map((metric) => metric.render()).join("\n")}\n`;
  }

  private metric(name: string, kind: Metric["kind"], help: string, labelled: boolean): Metric {
    const metric = new Metric(`${this.prefix}_${name}`, kind, help);
    if (!labelled) metric.set(0);
    this.all.push(metric);
    return metric;
  }
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}
