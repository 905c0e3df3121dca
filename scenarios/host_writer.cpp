// One function for each part of a host, and a writer that keeps lists of plain values on one line.
#include "scenarios/host_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>

namespace netlimits::scenarios {
namespace {

using nlohmann::json;

// The format's whole numbers are signed.
std::uint64_t at_most_signed(std::uint64_t value) {
  return std::min(value, static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()));
}

json json_of(const std::optional<std::uint64_t>& value) { return value ? json(at_most_signed(*value)) : json(nullptr); }

json json_of(const std::vector<PortRange>& ranges) {
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

// "12s", or to the nanosecond.
std::string duration_text(Duration time) {
  const auto seconds = time / std::chrono::seconds(1);
  return std::chrono::seconds(seconds) == time ? fmt::format("{}s", seconds) : fmt::format("{}ns", time.count());
}

json json_of(const HeldConnections& held) {
  json made{{"from", held.from.text()}, {"to", held.to.text()}, {"ports", json_of(held.ports)}};
  if (held.state == HeldConnectionState::open) return made;
  made["state"] = held.state == HeldConnectionState::time_wait ? "time_wait" : "fin_wait_2";
  made["ends_after"] = duration_text(held.ends_after);
  return made;
}

json json_of(const Process& process, bool descriptors_known) {
  json made{{"nofile", at_most_signed(process.nofile)}};
  if (descriptors_known) made["own_descriptors"] = process.own_descriptors;
  if (process.uid != 0) made["uid"] = process.uid;
  for (const Listener& listener : process.listeners)
    made["listeners"].push_back({{"endpoint", listener.endpoint.text()}, {"backlog", listener.backlog}});
  return made;
}

json json_of(const MeasuredLimit& limit) {
  return {{"limit", limit.limit},
          {"place", limit.place},
          {"unit", limit.unit},
          {"capacity", json_of(limit.capacity)},
          {"used", json_of(limit.used)},
          {"headroom", json_of(limit.headroom)},
          {"connections", json_of(limit.connections)},
          {"from_profile", limit.from_profile},
          {"note", limit.note}};
}

json json_of(const HostOrigin& origin) {
  json made{{"format", origin.format},
            {"source", origin.source},
            {"kernel", origin.kernel},
            {"summary", origin.summary},
            {"limits", json::array()},
            {"sockets", json::object()},
            {"measured", origin.measured},
            {"from_profile", origin.from_profile},
            {"not_determined", origin.not_determined},
            {"notes", origin.notes}};
  for (const MeasuredLimit& limit : origin.limits) made["limits"].push_back(json_of(limit));
  for (const auto& [state, count] : origin.sockets) made["sockets"][state] = count;
  return made;
}

// On one line. Bytes that are not UTF-8 (names come from outside) are replaced.
std::string json_line(const json& value) {
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

// Indented as everywhere, but a list of plain values takes one line: thousands of ports are no thousands of lines.
void write(const json& value, std::size_t depth, std::string& text) {
  const std::string indent(2 * depth + 2, ' ');
  const bool plain = !value.is_structured() || value.empty() ||
                     (value.is_array() && std::none_of(value.begin(), value.end(), [](const json& item) {
                        return item.is_structured() || item.is_string();
                      }));
  const bool ports =
      value.is_array() && std::none_of(value.begin(), value.end(), [](const json& item) {
        return item.is_structured() || (item.is_string() && item.get_ref<const std::string&>().size() > 24);
      });
  if (plain || ports) {
    text += json_line(value);
    return;
  }
  text += value.is_array() ? "[" : "{";
  const char* between = "\n";
  for (auto item = value.begin(); item != value.end(); ++item) {
    text += between;
    text += indent;
    if (value.is_object()) text += fmt::format("{}: ", json_line(json(item.key())));
    write(*item, depth + 1, text);
    between = ",\n";
  }
  text += fmt::format("\n{:{}}{}", "", 2 * depth, value.is_array() ? "]" : "}");
}

}  // namespace

std::string host_json(const HostGroup& host) {
  json made{{"profile", host.profile->name}, {"addresses", json::array()}};
  for (const AddressBlock& block : host.addresses) {
    const bool single = block == AddressBlock::single(block.address);
    made["addresses"].push_back(single ? block.address.text() : block.text());
  }
  if (!host.set_by_scenario.empty()) made["settings"] = host.set_by_scenario;
  for (const HeldPorts& held : host.held_ports) {
    json entry{{"address", held.address.text()}, {"ports", json_of(std::vector{held.ports})}};
    if (!held.listens) entry["listens"] = false;
    made["held_ports"].push_back(std::move(entry));
  }
  for (const HeldConnections& held : host.held_connections) made["held_connections"].push_back(json_of(held));
  if (host.open_files != 0) made["open_files"] = at_most_signed(host.open_files);
  for (const Process& process : host.processes) {
    const bool known = process.own_descriptors != host.profile->own_descriptors;
    made["processes"][process.name] = json_of(process, known);
  }
  if (host.origin) made["origin"] = json_of(*host.origin);
  std::string text;
  write(made, 0, text);
  return text + "\n";
}

}  // namespace netlimits::scenarios
