// A table is an edge, made once for all that comes through it.
#include "analysis/pools/tracked_sources.hpp"

#include <numeric>

namespace netlimits::analysis {

TrackedSources::Node TrackedSources::source_of(const HostGroup& host) {
  const TrackedPlace* const table = plan_.tables.before(host);
  if (table == nullptr) return FlowNetwork::source;
  const auto [found, is_new] = behind_.try_emplace(table, 0);
  if (is_new) {
    found->second = network_.add_node();
    add_entries(FlowNetwork::source, found->second, *table, 1);
  }
  return found->second;
}

TrackedSources::Node TrackedSources::before(const HostGroup& host, Node hosts, std::uint64_t count) {
  const TrackedPlace* const table = plan_.tables.at(host);
  if (table == nullptr) return hosts;
  const Node above = network_.add_node();
  add_entries(above, hosts, *table, count);
  return above;
}

void TrackedSources::add_entries(Node from, Node to, const TrackedPlace& table, std::uint64_t tables) {
  if (!bind_) return network_.add(from, to);
  const NetworkQuestion& question = network_.question();
  const auto asked = std::accumulate(question.connections.begin(), question.connections.end(), std::uint64_t{});
  const Interval each = entries_left(table, asked, question);
  if (!each.exact()) network_.note_draw();
  network_.add_limit(from, to, times(each, tables), Limit::conntrack_entries, table.limit.place);
}

}  // namespace netlimits::analysis
