// One line for each figure.
#include "scenarios/gateways/nat_figures.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "model/net/port_list.hpp"
#include "scenarios/json/quantity.hpp"

namespace netlimits::scenarios {
namespace {

using json = nlohmann::ordered_json;

const std::vector<std::string> port_choices{"kept_or_searched", "any_free"};
const std::vector<std::string> when_full_words{"silence", "reset"};

void read_ports(const Field& field, NatSettings& nat) {
  constexpr const char* expected = "a range of ports such as \"1024-65535\"";
  const auto text = field.string(expected);
  if (!text) return;
  const auto ranges = parse_port_list(*text);
  if (!ranges || ranges->size() != 1 || ranges->front().first.value == 0) {
    field.refuse(expected);
    return;
  }
  nat.ports = ranges->front();
}

json ports_text(const NatSettings& nat) { return fmt::format("{}-{}", nat.ports.first.value, nat.ports.last.value); }

template <std::uint32_t NatSettings::*Count>
void read_count(const Field& field, NatSettings& nat) {
  nat.*Count = static_cast<std::uint32_t>(field.integer(0, 65535, "as many as there are ports").value_or(0));
}

template <std::uint32_t NatSettings::*Count>
json count_value(const NatSettings& nat) {
  return nat.*Count;
}

template <std::optional<Duration> NatSettings::*Time>
void read_time(const Field& field, NatSettings& nat) {
  nat.*Time = duration_of(field);
}

// Of what goes on: with a time that is shorter than a round trip nothing would come back.
template <std::optional<Duration> NatSettings::*Time>
void read_waiting_time(const Field& field, NatSettings& nat) {
  nat.*Time = duration_of(field, std::chrono::seconds(1));
}

template <std::optional<Duration> NatSettings::*Time>
json time_value(const NatSettings& nat) {
  return nat.*Time ? json(duration_text(*(nat.*Time))) : json();
}

}  // namespace

const std::vector<NatFigure>& nat_figures() {
  static const std::vector<NatFigure> figures{
      {"ports", read_ports, ports_text},
      {"port_choice",
       [](const Field& field, NatSettings& nat) {
         nat.port_choice = static_cast<NatPortChoice>(field.choice(port_choices).value_or(0));
       },
       [](const NatSettings& nat) { return json(port_choices[static_cast<std::size_t>(nat.port_choice)]); }},
      {"per_destination", read_count<&NatSettings::per_destination>, count_value<&NatSettings::per_destination>},
      {"block", read_count<&NatSettings::block>, count_value<&NatSettings::block>},
      {"when_full",
       [](const Field& field, NatSettings& nat) {
         nat.when_full = static_cast<NatWhenFull>(field.choice(when_full_words).value_or(0));
       },
       [](const NatSettings& nat) { return json(when_full_words[static_cast<std::size_t>(nat.when_full)]); }},
      {"hold_after_close", read_waiting_time<&NatSettings::hold_after_close>,
       time_value<&NatSettings::hold_after_close>},
      {"hold_after_reset", read_time<&NatSettings::hold_after_reset>, time_value<&NatSettings::hold_after_reset>},
      {"hold_after_refusal", read_time<&NatSettings::hold_after_refusal>, time_value<&NatSettings::hold_after_refusal>},
      {"half_closed", read_waiting_time<&NatSettings::half_closed>, time_value<&NatSettings::half_closed>},
      {"half_open", read_waiting_time<&NatSettings::half_open>, time_value<&NatSettings::half_open>},
  };
  return figures;
}

}  // namespace netlimits::scenarios
