#include "sim/script_generator.hpp"

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace netlimits::sim {
namespace {

// A world: what differs from the defaults. Ranges are small, even and odd ones.
struct World {
  std::string_view name;
  std::vector<std::pair<std::string_view, std::string_view>> settings;
};

const std::vector<World>& worlds() {
  static const std::vector<World> all{
      {"four ports", {{"net.ipv4.ip_local_port_range", "40000 40003"}}},
      {"one port", {{"net.ipv4.ip_local_port_range", "40000 40000"}}},
      {"five ports", {{"net.ipv4.ip_local_port_range", "40001 40005"}}},
      {"reserved port",
       {{"net.ipv4.ip_local_port_range", "40000 40005"}, {"net.ipv4.ip_local_reserved_ports", "40001-40002"}}},
      {"reuse always", {{"net.ipv4.ip_local_port_range", "40000 40003"}, {"net.ipv4.tcp_tw_reuse", "1"}}},
      {"reuse never", {{"net.ipv4.ip_local_port_range", "40000 40003"}, {"net.ipv4.tcp_tw_reuse", "0"}}},
      {"reuse soon", {{"net.ipv4.ip_local_port_range", "40000 40001"}, {"net.ipv4.tcp_tw_reuse_delay", "1"}}},
      {"no timestamps", {{"net.ipv4.ip_local_port_range", "40000 40003"}, {"net.ipv4.tcp_timestamps", "0"}}},
      {"autobind reuse", {{"net.ipv4.ip_local_port_range", "40000 40003"}, {"net.ipv4.ip_autobind_reuse", "1"}}},
      {"short queues", {{"net.ipv4.ip_local_port_range", "40000 40007"}, {"net.core.somaxconn", "1"}}},
      {"abort on overflow",
       {{"net.ipv4.ip_local_port_range", "40000 40007"},
        {"net.core.somaxconn", "1"},
        {"net.ipv4.tcp_abort_on_overflow", "1"}}},
      {"no cookies",
       {{"net.ipv4.ip_local_port_range", "40000 40007"},
        {"net.core.somaxconn", "1"},
        {"net.ipv4.tcp_syncookies", "0"}}},
      {"one TIME_WAIT", {{"net.ipv4.ip_local_port_range", "40000 40003"}, {"net.ipv4.tcp_max_tw_buckets", "1"}}},
      {"foreign addresses", {{"net.ipv4.ip_local_port_range", "40000 40003"}, {"net.ipv4.ip_nonlocal_bind", "1"}}},
      {"v6 only", {{"net.ipv4.ip_local_port_range", "40000 40003"}, {"net.ipv6.bindv6only", "1"}}},
      {"low privileged ports",
       {{"net.ipv4.ip_unprivileged_port_start", "80"}, {"net.ipv4.ip_local_port_range", "40000 40003"}}},
  };
  return all;
}

template <class T>
struct Weighted {
  std::uint32_t weight;
  T value;
};

class Generator {
 public:
  Generator(std::uint64_t seed, std::uint64_t number, const GeneratorOptions& options)
      : draws_(seed, fmt::format("case {}", number)),
        world_draws_(seed, fmt::format("world {}", number / cases_per_world)),
        options_(options),
        number_(number) {}

  Script make() {
    Script script;
    script.name = fmt::format("fuzz/{}", number_);
    make_world(script.hosts["a"]);
    const std::uint32_t count = options_.least_steps + below(draws_, options_.most_steps - options_.least_steps + 1);
    // Without sockets nothing happens: every script begins with two or three.
    for (std::uint32_t i = 0; i < 2 + below(draws_, 2); ++i) script.steps.push_back(make_socket());
    while (script.steps.size() < count) script.steps.push_back(make_step());
    for (std::size_t i = 0; i < script.steps.size(); ++i) script.steps[i].pointer = fmt::format("/steps/{}", i);
    return script;
  }

 private:
  struct Known {
    std::string name;
    bool six;
    bool dgram;
  };

  static std::uint32_t below(RandomStream& draws, std::uint32_t bound) { return draws.bits() % bound; }
  bool chance(std::uint32_t per_cent) { return below(draws_, 100) < per_cent; }

  template <class T, std::size_t N>
  const T& pick(const std::array<Weighted<T>, N>& choices) {
    std::uint32_t total = 0;
    for (const auto& choice : choices) total += choice.weight;
    std::uint32_t left = below(draws_, total);
    for (const auto& choice : choices) {
      if (left < choice.weight) return choice.value;
      left -= choice.weight;
    }
    return choices.back().value;
  }

  void make_world(ScriptHost& host) {
    host.addresses = {"127.0.0.1/8", "::1/128", "192.0.2.8/32", "2001:db8::8/128"};
    const World& world = worlds()[below(world_draws_, static_cast<std::uint32_t>(worlds().size()))];
    for (const auto& [name, value] : world.settings) host.sysctl.emplace(name, value);
    const bool few_descriptors = below(world_draws_, 8) == 0;
    host.processes["p"].nofile = few_descriptors ? 6 : 1024;
    host.processes["q"].nofile = 1024;
    if (options_.several_users && below(world_draws_, 3) == 0) host.processes["q"].uid = 1000;
  }

  std::string new_name() { return fmt::format("s{}", next_name_++); }

  Step make_socket() {
    Step step;
    step.call = Call::socket;
    step.process = chance(75) ? "a/p" : "a/q";
    step.domain = chance(65) ? "inet" : "inet6";
    step.type = chance(88) ? "stream" : "dgram";
    step.nonblocking = chance(25);
    step.as = new_name();
    known_.push_back({step.as, step.domain == "inet6", step.type == "dgram"});
    return step;
  }

  const Known& some_socket() {
    // Mostly a recent one: calls on the same socket make the interesting sequences.
    const auto size = static_cast<std::uint32_t>(known_.size());
    if (chance(60) && size > 3) return known_[size - 1 - below(draws_, 3)];
    return known_[below(draws_, size)];
  }

  std::string address_for(const Known& socket, bool to_connect) {
    static constexpr std::array four{
        Weighted<std::string_view>{50, "127.0.0.1"},     Weighted<std::string_view>{15, "127.0.0.2"},
        Weighted<std::string_view>{18, "0.0.0.0"},       Weighted<std::string_view>{13, "192.0.2.8"},
        Weighted<std::string_view>{2, "192.0.2.99"},     Weighted<std::string_view>{1, "224.0.0.1"},
        Weighted<std::string_view>{1, "255.255.255.255"}};
    static constexpr std::array six{Weighted<std::string_view>{35, "::1"},
                                    Weighted<std::string_view>{22, "::"},
                                    Weighted<std::string_view>{20, "::ffff:127.0.0.1"},
                                    Weighted<std::string_view>{5, "::ffff:127.0.0.2"},
                                    Weighted<std::string_view>{6, "::ffff:0.0.0.0"},
                                    Weighted<std::string_view>{10, "2001:db8::8"},
                                    Weighted<std::string_view>{2, "2001:db8::99"}};
    const bool wrong_family = chance(2);
    if (socket.six == wrong_family) {
      const std::string_view address = pick(four);
      // 255.255.255.255 needs SO_BROADCAST for datagrams, which scripts do not have.
      if (to_connect && socket.dgram && address == "255.255.255.255") return "127.0.0.1";
      return std::string(address);
    }
    return std::string(pick(six));
  }

  std::string port_for(bool to_connect) {
    static constexpr std::array for_bind{
        Weighted<std::string_view>{35, "0"},     Weighted<std::string_view>{14, "40000"},
        Weighted<std::string_view>{12, "40001"}, Weighted<std::string_view>{8, "40002"},
        Weighted<std::string_view>{6, "40003"},  Weighted<std::string_view>{16, "7000"},
        Weighted<std::string_view>{6, "7001"},   Weighted<std::string_view>{3, "80"}};
    static constexpr std::array for_connect{
        Weighted<std::string_view>{2, "0"},      Weighted<std::string_view>{16, "40000"},
        Weighted<std::string_view>{12, "40001"}, Weighted<std::string_view>{6, "40002"},
        Weighted<std::string_view>{44, "7000"},  Weighted<std::string_view>{18, "7001"},
        Weighted<std::string_view>{2, "80"}};
    return std::string(to_connect ? pick(for_connect) : pick(for_bind));
  }

  Step make_option(const Known& socket) {
    static constexpr std::array options{
        Weighted<std::string_view>{34, "SO_REUSEADDR"}, Weighted<std::string_view>{26, "SO_REUSEPORT"},
        Weighted<std::string_view>{12, "IPV6_V6ONLY"},  Weighted<std::string_view>{14, "IP_BIND_ADDRESS_NO_PORT"},
        Weighted<std::string_view>{8, "SO_LINGER"},     Weighted<std::string_view>{7, "IP_LOCAL_PORT_RANGE"},
        Weighted<std::string_view>{5, "IP_FREEBIND"},   Weighted<std::string_view>{2, "IP_TRANSPARENT"}};
    Step step;
    step.call = Call::setsockopt;
    step.socket = socket.name;
    step.option = pick(options);
    step.has_value = true;
    if (step.option == "SO_LINGER") {
      step.value = {chance(85) ? 1 : 0, 0};
    } else if (step.option == "IP_LOCAL_PORT_RANGE") {
      static constexpr std::array<std::array<std::int64_t, 2>, 6> ranges{
          {{40001, 40002}, {40000, 40000}, {0, 0}, {40002, 0}, {50000, 50009}, {40003, 40001}}};
      const auto& range = ranges[below(draws_, ranges.size())];
      step.value = {range[0], range[1]};
    } else {
      step.value = {chance(88) ? 1 : 0};
    }
    return step;
  }

  Step make_step() {
    static constexpr std::array calls{
        Weighted<Call>{14, Call::socket},    Weighted<Call>{13, Call::setsockopt}, Weighted<Call>{20, Call::bind},
        Weighted<Call>{12, Call::listen},    Weighted<Call>{18, Call::connect},    Weighted<Call>{7, Call::accept},
        Weighted<Call>{9, Call::close},      Weighted<Call>{5, Call::getsockname}, Weighted<Call>{3, Call::getpeername},
        Weighted<Call>{4, Call::shutdown},   Weighted<Call>{3, Call::send},        Weighted<Call>{3, Call::recv},
        Weighted<Call>{2, Call::disconnect}, Weighted<Call>{2, Call::getsockopt},  Weighted<Call>{2, Call::await},
        Weighted<Call>{1, Call::open_files}};
    // A kernel answers on loopback within the call; waiting longer would only cost time.
    constexpr Duration short_wait = std::chrono::milliseconds(3);
    const Call call = pick(calls);
    if (call == Call::socket) return make_socket();
    const Known socket = some_socket();
    if (call == Call::setsockopt) return make_option(socket);
    Step step;
    step.call = call;
    step.socket = socket.name;
    switch (call) {
      case Call::bind:
        step.address = address_for(socket, false);
        step.port = port_for(false);
        step.has_port = true;
        break;
      case Call::listen: {
        static constexpr std::array<std::int64_t, 5> backlogs{0, 1, 2, 8, -1};
        step.backlog = backlogs[below(draws_, backlogs.size())];
        break;
      }
      case Call::connect:
        step.address = address_for(socket, true);
        step.port = port_for(true);
        step.has_port = true;
        step.timeout = short_wait;
        break;
      case Call::accept:
        step.as = new_name();
        step.timeout = short_wait;
        known_.push_back({step.as, socket.six, socket.dgram});
        break;
      case Call::await:
        step.event = chance(60) ? "connected" : "readable";
        step.timeout = short_wait;
        break;
      case Call::send:
        step.bytes = 1 + below(draws_, 100);
        break;
      case Call::recv:
        step.timeout = short_wait;
        break;
      case Call::shutdown: {
        static constexpr std::array<std::string_view, 3> ways{"rd", "wr", "rdwr"};
        step.how = ways[below(draws_, ways.size())];
        break;
      }
      case Call::getsockopt:
        step.option = chance(60) ? "SO_ERROR" : "SO_REUSEADDR";
        break;
      case Call::open_files:
        step.process = "a/p";
        step.socket.clear();
        step.count = 1 + below(draws_, 3);
        step.has_count = true;
        break;
      default:
        break;
    }
    return step;
  }

  RandomStream draws_;
  RandomStream world_draws_;
  const GeneratorOptions& options_;
  std::uint64_t number_;
  std::uint32_t next_name_ = 0;
  std::vector<Known> known_;
};

}  // namespace

Script random_script(std::uint64_t seed, std::uint64_t number, const GeneratorOptions& options) {
  return Generator(seed, number, options).make();
}

}  // namespace netlimits::sim
