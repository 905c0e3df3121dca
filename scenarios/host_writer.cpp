// Writes a host: addresses, settings, what is held, processes with their listeners, and where its figures come from.
#include "scenarios/host_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>

#include "model/systems/os_profile.hpp"
#include "scenarios/gateways/conntrack_loader.hpp"
#include "scenarios/json/plain_text.hpp"
#include "scenarios/json/quantity.hpp"

namespace netlimits::scenarios {
namespace {

using json = nlohmann::ordered_json;

// The format's whole numbers are signed.
std::uint64_t at_most_signed(std::uint64_t value) {
  return std::min(value, static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()));
}

json json_of(const std::optional<std::uint64_t>& value) { return value ? json(at_most_signed(*value)) : json(nullptr); }

std::string line_of(const json& value) {
  return escaped_json(value.dump(-1, ' ', false, json::error_handler_t::replace));
}

json json_of(const HeldPorts& held) {
  json made{{"address", held.address.text()}};
  if (!held.listens) made["listens"] = false;
  made["ports"] = ports_value({held.ports});
  return made;
}

json json_of(const HeldConnections& held) {
  json made;
  if (held.state != HeldConnectionState::open) made["ends_after"] = duration_text(held.ends_after);
  made["from"] = held.from.text();
  made["ports"] = ports_value(held.ports);
  if (held.state != HeldConnectionState::open)
    made["state"] = held.state == HeldConnectionState::time_wait ? "time_wait" : "fin_wait_2";
  made["to"] = held.to.text();
  return made;
}

json json_of(const Listener& listener) {
  json made;
  if (std::holds_alternative<AcceptStalled>(listener.accept)) made["accept"] = "stalled";
  if (const auto* paced = std::get_if<AcceptPaced>(&listener.accept))
    made["accept"] = json{{"rate", rate_text(paced->interval)}};
  made["backlog"] = listener.backlog;
  made["endpoint"] = listener.endpoint.text();
  if (listener.inherited) made["shared"] = "inherited";
  if (listener.reuse_port) made["shared"] = "reuse_port";
  return made;
}

json json_of(const Process& process, const OsProfile& profile) {
  json made = json::object();
  if (process.count != 1) made["count"] = process.count;
  for (const Listener& listener : process.listeners) made["listeners"].push_back(json_of(listener));
  made["nofile"] = at_most_signed(process.nofile);
  if (process.own_descriptors != profile.own_descriptors) made["own_descriptors"] = process.own_descriptors;
  if (process.uid != 0) made["uid"] = process.uid;
  return made;
}

json json_of(const MeasuredLimit& limit) {
  return {{"capacity", json_of(limit.capacity)},
          {"connections", json_of(limit.connections)},
          {"from_profile", limit.from_profile},
          {"headroom", json_of(limit.headroom)},
          {"limit", limit.limit},
          {"note", limit.note},
          {"place", limit.place},
          {"unit", limit.unit},
          {"used", json_of(limit.used)}};
}

json json_of(const HostOrigin& origin) {
  json limits = json::array();
  for (const MeasuredLimit& limit : origin.limits) limits.push_back(json_of(limit));
  json sockets = json::object();
  for (const auto& [state, count] : origin.sockets) sockets[state] = count;
  return {{"format", origin.format},     {"from_profile", origin.from_profile},
          {"kernel", origin.kernel},     {"limits", std::move(limits)},
          {"measured", origin.measured}, {"not_determined", origin.not_determined},
          {"notes", origin.notes},       {"sockets", std::move(sockets)},
          {"source", origin.source},     {"summary", origin.summary}};
}

void write(const json& value, std::size_t depth, std::string& text) {
  const std::string indent(2 * depth + 2, ' ');
  const bool plain = !value.is_structured() || value.empty();
  const bool short_list =
      value.is_array() && std::none_of(value.begin(), value.end(), [](const json& item) {
        return item.is_structured() || (item.is_string() && item.get_ref<const std::string&>().size() > 24);
      });
  if (plain || short_list) {
    text += line_of(value);
    return;
  }
  text += value.is_array() ? "[" : "{";
  const char* between = "\n";
  for (auto item = value.begin(); item != value.end(); ++item) {
    text += between;
    text += indent;
    if (value.is_object()) text += fmt::format("{}: ", line_of(json(item.key())));
    write(*item, depth + 1, text);
    between = ",\n";
  }
  text += fmt::format("\n{:{}}{}", "", 2 * depth, value.is_array() ? "]" : "}");
}

}  // namespace

json ports_value(const std::vector<PortRange>& ranges) {
  json list = json::array();
  for (const PortRange& range : ranges) {
    if (range.first == range.last) {
      list.push_back(range.first.value);
    } else {
      list.push_back(fmt::format("{}-{}", range.first.value, range.last.value));
    }
  }
  return list;
}

std::string interface_address_text(const AddressBlock& block) {
  return block == AddressBlock::single(block.address) ? block.address.text() : block.text();
}

json host_value(const HostGroup& host) {
  json made;
  if (host.count > 1) made["address_stride"] = host.address_stride;
  made["addresses"] = json::array();
  for (const AddressBlock& block : host.addresses) made["addresses"].push_back(interface_address_text(block));
  if (host.conntrack) made["conntrack"] = conntrack_value(*host.conntrack, TableOf::host);
  if (host.count > 1) made["count"] = host.count;
  for (const HeldConnections& held : host.held_connections) made["held_connections"].push_back(json_of(held));
  for (const HeldPorts& held : host.held_ports) made["held_ports"].push_back(json_of(held));
  if (host.open_files != 0) made["open_files"] = at_most_signed(host.open_files);
  if (host.origin) made["origin"] = json_of(*host.origin);
  for (const Process& process : host.processes) made["processes"][process.name] = json_of(process, *host.profile);
  made["profile"] = host.profile->name;
  if (!host.set_by_scenario.empty()) made["settings"] = host.set_by_scenario;
  return made;
}

std::string host_json(const HostGroup& host) { return laid_out(host_value(host)); }

std::string laid_out(const json& value) {
  std::string text;
  write(value, 0, text);
  return text + "\n";
}

}  // namespace netlimits::scenarios
