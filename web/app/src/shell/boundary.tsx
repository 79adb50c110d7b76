import { Component, type ReactNode } from "react";
import { Button } from "@/ui/button";

/** What is said when a page fails; it must not need anything that may have failed, so the texts are passed in. */
interface Words {
  title: string;
  help: string;
  reload: string;
}

/** Shows that what is inside has failed, instead of nothing at all. `at` names the page: another one begins anew. */
export class Boundary extends Component<
  { at: string; words: Words; children: ReactNode },
  { failedAt: string | null }
> {
  override state = { failedAt: null as string | null };

  static getDerivedStateFromError(): { failedAt: string } {
    return { failedAt: "" };
  }

  override componentDidCatch(): void {
    this.setState({ failedAt: this.props.at });
  }

  override render(): ReactNode {
    const { at, words, children } = this.props;
    const { failedAt } = this.state;
    if (failedAt === null || (failedAt !== "" && failedAt !== at)) return children;
    return (
      <div role="alert" className="flex flex-col items-center gap-3 px-6 py-16 text-center">
        <h1 className="text-lg font-semibold">{words.title}</h1>
        <p className="text-muted max-w-prose">{words.help}</p>
        <Button look="primary" onClick={() => window.location.reload()}>
          {words.reload}
        </Button>
      </div>
    );
  }
}
