import { useRoute } from "wouter";
import { TicketDetail } from "./detail";

/** `/admin/tickets/:id`: a ticket, for those who work on it. */
export default function AdminTicketPage() {
  const [, params] = useRoute("/admin/tickets/:id");
  const id = params?.id ?? "";
  return <TicketDetail key={id} id={id} view="agent" />;
}
