import { useRoute } from "wouter";
import { TicketDetail } from "./detail";

/** `/tickets/view/:id`: a ticket, for guests who are in. */
export default function GuestTicketPage() {
  const [, params] = useRoute("/tickets/view/:id");
  const id = params?.id ?? "";
  return <TicketDetail key={id} id={id} view="guest" />;
}
