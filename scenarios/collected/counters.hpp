// Small files of figures: /proc/net/sockstat, control groups, counters under /proc/sys.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "model/machine/collected.hpp"
#include "model/machine/machine.hpp"
#include "scenarios/json/input_error.hpp"

namespace netlimits::scenarios {

// /proc/net/sockstat: "TCP: inuse 5 orphan 0 tw 2 alloc 7 mem 1". Lines of sockstat6 may follow.
Loaded<SocketCounts> read_socket_counts(const CollectedText& text);

// /proc/net/sockstat6: "TCP6: inuse 3".
Loaded<std::uint64_t> read_ipv6_sockets_in_use(const CollectedText& text);

// `ss -s`: "TCP:   12 (estab 4, closed 1, orphaned 0, timewait 1)". Orphans and entries in TIME_WAIT.
Loaded<SocketCounts> read_ss_summary(const CollectedText& text);

// A file that holds whole numbers and nothing else, such as fs.file-nr.
Loaded<std::vector<std::uint64_t>> read_figures(const CollectedText& text, std::size_t least);

// A limit or a use of a control group: a whole number; "max", or version 1's largest number, is none.
Loaded<std::optional<std::uint64_t>> read_cgroup_figure(const CollectedText& text);

}  // namespace netlimits::scenarios
