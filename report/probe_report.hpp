// What `probe` prints: the answer, and what of each limit is left.
#pragma once

#include <string>

#include "analysis/headroom/headroom.hpp"
#include "model/machine/machine.hpp"
#include "model/scenario/scenario.hpp"
#include "report/forms/text_style.hpp"

namespace netlimits::report {

struct ProbeReport {
  Machine machine{};
  HostGroup host{};  // host_of(machine), with the answer and the table in its origin
  analysis::Headroom headroom{};
  std::string summary{};
};

ProbeReport make_probe_report(Machine machine, HostGroup host, analysis::Headroom headroom);

// The sentence, the table of limits, sockets by state and by destination, settings, and what was not seen.
std::string probe_text(const ProbeReport& report, const TextStyle& style);
std::string probe_markdown(const ProbeReport& report);
std::string probe_html(const ProbeReport& report);  // a page that stands alone
// A host of a scenario (scenarios/host_writer.hpp), its origin in the format netlimits.probe/1.
std::string probe_json(const ProbeReport& report);

}  // namespace netlimits::report
