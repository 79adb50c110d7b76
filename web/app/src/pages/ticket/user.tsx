import { Redirect, useRoute } from "wouter";
import { useMe } from "@/session/session";
import { TicketDetail } from "./detail";

/** `/tickets/:id`: a ticket, for whoever has opened it. */
export default function UserTicketPage() {
  const [, params] = useRoute("/tickets/:id");
  const id = params?.id ?? "";
  const me = useMe();
  if (me.role === "GUEST") return <Redirect to={`/tickets/view/${id}${window.location.hash}`} replace />;
  return <TicketDetail key={id} id={id} view="requester" />;
}
