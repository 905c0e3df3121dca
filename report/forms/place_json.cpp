// A place as JSON: its text, and the parts that the text is made of.
#include <nlohmann/json.hpp>

#include "report/forms/json_text.hpp"

namespace netlimits::report {
namespace {

using nlohmann::json;

json parts_of(const HostPlace& host) {
  json made{{"host", host.name.view()}};
  if (host.count != 1) made["hosts"] = host.count;
  return made;
}

json parts_of(const ProcessPlace& process) {
  json made = parts_of(process.on);
  made["process"] = process.process.view();
  return made;
}

json parts_of(const ListenerPlace& listener) {
  json made = parts_of(listener.on);
  if (!listener.process.empty()) made["process"] = listener.process.view();
  made["listener"] = listener.endpoint.text();
  return made;
}

json parts_of(const OutboundPlace& outbound) {
  json made = parts_of(outbound.on);
  if (std::holds_alternative<All>(outbound.source)) made["source"] = "*";
  if (const auto* source = std::get_if<IpAddress>(&outbound.source)) made["source"] = source->text();
  if (std::holds_alternative<All>(outbound.destination)) made["destination"] = "*";
  if (std::holds_alternative<AnyOne>(outbound.destination)) made["destination"] = "any one";
  if (const auto* to = std::get_if<Endpoint>(&outbound.destination)) made["destination"] = to->text();
  return made;
}

json parts_of(const BalancerPlace& balancer) { return {{"balancer", balancer.balancer.view()}}; }

json parts_of(const BackEndPlace& back_end) {
  return {{"balancer", back_end.balancer.view()}, {"back_end", back_end.back_end.text()}};
}

json parts_of(const GatewayPlace& gateway) {
  json made = json::object();
  if (const auto* hosts = std::get_if<HostPlace>(&gateway.ports)) made = parts_of(*hosts);
  if (const auto* address = std::get_if<IpAddress>(&gateway.ports)) made["source"] = address->text();
  if (std::holds_alternative<All>(gateway.ports)) made["source"] = "*";
  made["gateway"] = gateway.gateway.view();
  made["destination"] = gateway.destination.text();
  return made;
}

json parts_of(const GatewayTablePlace& table) { return {{"gateway", table.gateway.view()}}; }

}  // namespace

json json_of(const Place& place) {
  return std::visit([](const auto& part) { return parts_of(part); }, place.what);
}

void put_place(json& into, const Place& place) {
  into["place"] = place.text();
  into["place_parts"] = json_of(place);
}

}  // namespace netlimits::report
