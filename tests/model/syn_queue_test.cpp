// How many requests a listener keeps, by its version of Linux.
#include "model/tcp/syn_queue.hpp"

#include "tests/catch.hpp"

namespace netlimits {

TEST_CASE("before 4.4 a SYN queue holds a power of two that its backlog and tcp_max_syn_backlog give") {
  Settings settings;
  settings.syncookies = SynCookies::off;
  Rules rules;
  rules.in_force = rules_of(Systems::linux_only, {4, 1});
  struct Row {
    std::uint32_t backlog;  // already cut to somaxconn
    std::uint32_t setting;
    std::uint32_t holds;
  };
  for (const Row& row : {Row{0, 2048, 16}, Row{7, 2048, 16}, Row{15, 2048, 16}, Row{16, 2048, 32}, Row{123, 2048, 128},
                         Row{127, 2048, 128}, Row{128, 2048, 256}, Row{4096, 100, 128}}) {
    CAPTURE(row.backlog, row.setting);
    settings.max_syn_backlog = row.setting;
    CHECK(syn_queue_room(row.backlog, settings, rules) == row.holds);
    SynQueueState queue;
    queue.backlog = row.backlog;
    queue.known_peer = true;
    while (answer_to_syn(queue, settings, rules) == SynAnswer::keep) ++queue.half_open;
    CHECK(queue.half_open == row.holds);
  }
  rules.in_force = rules_of(Systems::linux_only, {4, 4});
  CHECK(syn_queue_room(7, settings, rules) == 7);
}

}  // namespace netlimits
