export { MyTickets as default } from "./list-page";
