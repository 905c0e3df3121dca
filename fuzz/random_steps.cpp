// One weighted draw decides which call comes next; small draws decide its socket, address, port, option or setting.
#include "fuzz/random_steps.hpp"

#include <array>
#include <string>
#include <string_view>

namespace netlimits::fuzz {
namespace {

using Socket = ScriptDraft::Socket;

Socket new_socket(ScriptDraft& draft) {
  ScriptDraft::Wish wish;
  wish.six = draft.drawn(35);
  wish.dgram = draft.drawn(12);
  wish.nonblocking = draft.drawn(25);
  return draft.socket(wish);
}

std::string_view some_address(ScriptDraft& draft, const Socket& socket) {
  static constexpr std::array four{
      Weighted<std::string_view>{46, "127.0.0.1"},     Weighted<std::string_view>{15, "127.0.0.2"},
      Weighted<std::string_view>{18, "0.0.0.0"},       Weighted<std::string_view>{10, "192.0.2.8"},
      Weighted<std::string_view>{4, "198.51.100.2"},   Weighted<std::string_view>{3, "198.51.100.99"},
      Weighted<std::string_view>{2, "192.0.2.99"},     Weighted<std::string_view>{1, "224.0.0.1"},
      Weighted<std::string_view>{1, "255.255.255.255"}};
  static constexpr std::array four_on_a_wire{
      Weighted<std::string_view>{20, "127.0.0.1"},     Weighted<std::string_view>{24, "198.51.100.1"},
      Weighted<std::string_view>{30, "198.51.100.2"},  Weighted<std::string_view>{18, "0.0.0.0"},
      Weighted<std::string_view>{1, "198.51.100.255"}, Weighted<std::string_view>{2, "192.0.2.99"}};
  static constexpr std::array six{Weighted<std::string_view>{35, "::1"},
                                  Weighted<std::string_view>{22, "::"},
                                  Weighted<std::string_view>{20, "::ffff:127.0.0.1"},
                                  Weighted<std::string_view>{5, "::ffff:127.0.0.2"},
                                  Weighted<std::string_view>{6, "::ffff:0.0.0.0"},
                                  Weighted<std::string_view>{10, "2001:db8::8"},
                                  Weighted<std::string_view>{2, "2001:db8::99"}};
  static constexpr std::array six_on_a_wire{Weighted<std::string_view>{16, "::1"},
                                            Weighted<std::string_view>{22, "::"},
                                            Weighted<std::string_view>{20, "2001:db8:1::1"},
                                            Weighted<std::string_view>{25, "2001:db8:1::2"},
                                            Weighted<std::string_view>{14, "::ffff:198.51.100.2"},
                                            Weighted<std::string_view>{3, "::ffff:0.0.0.0"}};
  const bool wrong_family = draft.drawn(2);
  if (socket.six == wrong_family) return draft.world().wire ? draft.pick(four_on_a_wire) : draft.pick(four);
  return draft.world().wire ? draft.pick(six_on_a_wire) : draft.pick(six);
}

std::uint16_t some_port(ScriptDraft& draft, bool to_connect) {
  const std::uint32_t draw = draft.below(100);
  if (to_connect) {
    if (draw < 2) return 0;
    if (draw < 4) return 80;
    if (draw < 44) return 7000;
    if (draw < 62) return 7001;
  } else {
    if (draw < 35) return 0;
    if (draw < 39) return 80;
    if (draw < 55) return 7000;
    if (draw < 61) return 7001;
  }
  return range_port(draft.world(), draft.below(4));
}

// How long a socket waits, and its buffers. Values on both sides of each bound; none whose time comes while a script
// runs, and no buffer that a script could fill.
void add_patience(ScriptDraft& draft, const Socket& socket) {
  struct Wait {
    std::string_view option;
    std::array<std::int64_t, 6> values;
  };
  static constexpr std::array<Wait, 10> waits{{{"SO_KEEPALIVE", {0, 1, 1, 1, 5, -1}},
                                               {"TCP_KEEPIDLE", {0, -1, 60, 600, 32767, 32768}},
                                               {"TCP_KEEPINTVL", {0, -1, 1, 75, 32767, 32768}},
                                               {"TCP_KEEPCNT", {0, -1, 1, 9, 127, 128}},
                                               {"TCP_SYNCNT", {0, -1, 5, 6, 127, 128}},
                                               {"TCP_LINGER2", {-1, -1, 0, 60, 120, 121}},
                                               {"TCP_DEFER_ACCEPT", {-1, 0, 4, 20, 60, 200}},
                                               {"TCP_USER_TIMEOUT", {-1, 0, 60000, 90000, 2147483647, 1000000}},
                                               {"SO_RCVBUF", {100000, 100001, 212992, 150000, 65536, 180000}},
                                               {"SO_SNDBUF", {100000, 100001, 212992, 150000, 65536, 180000}}}};
  static constexpr std::array<std::int64_t, 6> lengths{0, 1, 2, 3, 4, 8};
  const Wait& wait = draft.any(waits);
  draft.option(socket, wait.option, {draft.any(wait.values)});
  const bool whole = !draft.drawn(4);
  if (!whole) draft.last().length = draft.any(lengths);
  // What a buffer has that was not asked for is the kernel's own affair.
  const bool told = whole || !wait.option.starts_with("SO_");
  if (told && draft.drawn(60)) draft.add(Call::getsockopt, socket).option = wait.option;
}

void add_option(ScriptDraft& draft, const Socket& socket) {
  static constexpr std::array options{
      Weighted<std::string_view>{34, "SO_REUSEADDR"},   Weighted<std::string_view>{26, "SO_REUSEPORT"},
      Weighted<std::string_view>{12, "IPV6_V6ONLY"},    Weighted<std::string_view>{14, "IP_BIND_ADDRESS_NO_PORT"},
      Weighted<std::string_view>{8, "SO_LINGER"},       Weighted<std::string_view>{7, "IP_LOCAL_PORT_RANGE"},
      Weighted<std::string_view>{5, "IP_FREEBIND"},     Weighted<std::string_view>{4, "IP_TRANSPARENT"},
      Weighted<std::string_view>{3, "SO_BINDTODEVICE"}, Weighted<std::string_view>{1, "SO_ERROR"},
      Weighted<std::string_view>{1, "SO_ACCEPTCONN"}};
  static constexpr std::array<std::int64_t, 6> lengths{0, 1, 2, 3, 4, 8};
  if (draft.drawn(15)) return add_patience(draft, socket);
  const std::string_view option = draft.pick(options);
  if (option == "SO_BINDTODEVICE") {
    static constexpr std::array<std::string_view, 5> names{"dev1", "lo", "lo", "", "none9"};
    return draft.device(socket, draft.any(names));
  }
  if (option == "SO_LINGER") return draft.option(socket, option, {draft.drawn(85) ? 1 : 0, 0});
  if (option == "IP_LOCAL_PORT_RANGE") {
    const std::int64_t low = range_port(draft.world(), 0);
    const std::array<std::array<std::int64_t, 2>, 7> ranges{
        {{low + 1, low + 2}, {low, low}, {0, 0}, {low + 1, 0}, {0, low + 1}, {50000, 50009}, {low + 3, low + 1}}};
    const auto& range = draft.any(ranges);
    draft.option(socket, option, {range[0], range[1]});
    return;
  }
  draft.option(socket, option, {draft.drawn(88) ? 1 : 0});
  if (draft.drawn(4)) draft.last().length = draft.any(lengths);
}

void add_setting(ScriptDraft& draft) {
  struct Change {
    std::string_view name;
    std::string_view value;
  };
  // Not tcp_max_syn_backlog: a kernel forgets the peers that it knows only with its namespace, so that each script with
  // it costs one.
  static constexpr std::array<Change, 27> changes{{{"net.ipv4.ip_local_port_range", "40000 40001"},
                                                   {"net.ipv4.ip_local_port_range", "40001 40003"},
                                                   {"net.ipv4.ip_local_port_range", "40003 40001"},
                                                   {"net.ipv4.ip_local_port_range", "80 40001"},
                                                   {"net.ipv4.ip_local_reserved_ports", "40000"},
                                                   {"net.ipv4.ip_local_reserved_ports", "40001-40002"},
                                                   {"net.ipv4.ip_local_reserved_ports", ""},
                                                   {"net.ipv4.tcp_tw_reuse", "0"},
                                                   {"net.ipv4.tcp_tw_reuse", "1"},
                                                   {"net.ipv4.tcp_tw_reuse", "2"},
                                                   {"net.ipv4.tcp_tw_reuse", "3"},
                                                   {"net.ipv4.tcp_tw_reuse_delay", "0"},
                                                   {"net.ipv4.tcp_timestamps", "0"},
                                                   {"net.ipv4.tcp_timestamps", "1"},
                                                   {"net.ipv4.ip_nonlocal_bind", "1"},
                                                   {"net.ipv4.ip_autobind_reuse", "1"},
                                                   {"net.ipv6.bindv6only", "1"},
                                                   {"net.core.somaxconn", "0"},
                                                   {"net.core.somaxconn", "1"},
                                                   {"net.ipv4.tcp_max_tw_buckets", "0"},
                                                   {"net.ipv4.tcp_max_tw_buckets", "1"},
                                                   {"net.ipv4.tcp_abort_on_overflow", "1"},
                                                   {"net.ipv4.ip_unprivileged_port_start", "0"},
                                                   {"net.ipv4.ip_unprivileged_port_start", "80"},
                                                   {"net.ipv4.ip_unprivileged_port_start", "50000"},
                                                   {"net.ipv4.tcp_syncookies", "2"},
                                                   {"net.ipv4.tcp_fin_timeout", "1"}}};
  const Change change = draft.any(changes);
  draft.setting(draft.world().wire && draft.drawn(50) ? "b" : "a", change.name, change.value);
}

void add_step(ScriptDraft& draft) {
  static constexpr std::array calls{Weighted<Call>{140, Call::socket},     Weighted<Call>{130, Call::setsockopt},
                                    Weighted<Call>{200, Call::bind},       Weighted<Call>{120, Call::listen},
                                    Weighted<Call>{180, Call::connect},    Weighted<Call>{70, Call::accept},
                                    Weighted<Call>{90, Call::close},       Weighted<Call>{50, Call::getsockname},
                                    Weighted<Call>{30, Call::getpeername}, Weighted<Call>{40, Call::shutdown},
                                    Weighted<Call>{30, Call::send},        Weighted<Call>{30, Call::recv},
                                    Weighted<Call>{20, Call::disconnect},  Weighted<Call>{20, Call::getsockopt},
                                    Weighted<Call>{20, Call::await},       Weighted<Call>{10, Call::open_files},
                                    Weighted<Call>{4, Call::exit},         Weighted<Call>{12, Call::sysctl}};
  static constexpr std::array<std::int64_t, 5> backlogs{0, 1, 2, 8, -1};
  static constexpr std::array<std::string_view, 3> ways{"rd", "wr", "rdwr"};
  static constexpr std::array<std::string_view, 14> told{
      "SO_ERROR",         "SO_ERROR",        "SO_ERROR",    "SO_ERROR",
      "SO_ERROR",         "SO_REUSEADDR",    "SO_LINGER",   "IP_LOCAL_PORT_RANGE",
      "TCP_USER_TIMEOUT", "TCP_KEEPIDLE",    "TCP_LINGER2", "SO_KEEPALIVE",
      "TCP_SYNCNT",       "TCP_DEFER_ACCEPT"};
  const Call call = draft.pick(calls);
  if (call == Call::socket) {
    new_socket(draft);
    return;
  }
  const Socket socket = draft.some_socket();
  switch (call) {
    case Call::setsockopt:
      return add_option(draft, socket);
    case Call::bind: {
      const std::string_view address = some_address(draft, socket);
      return draft.bind(socket, address, some_port(draft, false));
    }
    case Call::listen:
      return draft.listen(socket, draft.any(backlogs));
    case Call::connect: {
      const std::string_view address = some_address(draft, socket);
      return draft.connect(socket, address, some_port(draft, true));
    }
    case Call::accept:
      draft.accept(socket);
      return;
    case Call::await:
      return draft.await(socket, draft.drawn(60));
    case Call::send:
      return draft.send(socket, 1 + draft.below(100));
    case Call::recv:
      return draft.receive(socket);
    case Call::shutdown:
      return draft.shutdown(socket, draft.any(ways));
    case Call::getsockopt:
      draft.add(call, socket).option = draft.any(told);
      return;
    case Call::open_files: {
      Step& step = draft.add(call);
      step.process = "a/p";
      step.count = 1 + draft.below(3);
      step.has_count = true;
      return;
    }
    case Call::exit:
      return draft.exit(socket.process);
    case Call::sysctl:
      return add_setting(draft);
    default:
      draft.add(call, socket);
      return;
  }
}

}  // namespace

void add_random_steps(ScriptDraft& draft, std::uint32_t count) {
  const std::size_t end = draft.length() + count;
  // Without sockets nothing happens.
  if (draft.sockets().empty())
    for (std::uint32_t left = 2 + draft.below(2); left > 0; --left) new_socket(draft);
  while (draft.length() < end) add_step(draft);
}

}  // namespace netlimits::fuzz
