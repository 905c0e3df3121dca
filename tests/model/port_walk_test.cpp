// Walks through port ranges: which ports they come to, and in which order.
#include <rapidcheck.h>

#include <array>
#include <cstdint>
#include <vector>

#include "model/ports/automatic_bind_port.hpp"
#include "model/ports/automatic_connect_port.hpp"
#include "model/ports/socket_port_range.hpp"
#include "model/sockets/socket_options.hpp"
#include "tests/catch.hpp"
#include "tests/model/host_world.hpp"

using namespace netlimits;
using namespace netlimits::test;

namespace {

std::vector<std::uint32_t> visited(const PortWalk& walk) {
  std::vector<std::uint32_t> ports;
  (void)first_acceptable(walk, [&](Port port) {
    ports.push_back(port.value);
    return false;
  });
  return ports;
}

}  // namespace

TEST_CASE("a walk knows the ports that it comes to, and whether it leaves one of the range out") {
  CHECK(rc::check([] {
    const auto size = *rc::gen::inRange<std::uint32_t>(1, 40);
    const auto first = *rc::gen::inRange<std::uint32_t>(1024, 60000);
    const auto draw = *rc::gen::arbitrary<std::uint32_t>();
    const BindWalkShape shape{ports_from(first, size), *rc::gen::arbitrary<bool>(), false};
    for (const PortWalk& walk : {connect_walk({shape.range, shape.every_port}, draw), bind_walk(shape, 0, draw)}) {
      const auto ports = visited(walk);
      const std::set<std::uint32_t> met(ports.begin(), ports.end());
      for (std::uint32_t port = first - 3; port < first + size + 3; ++port)
        RC_ASSERT(walk.contains(Port{static_cast<std::uint16_t>(port)}) == (met.count(port) != 0));
      RC_ASSERT(leaves_out(walk, shape.range, [](Port) { return true; }) == (met.size() < size));
      RC_ASSERT(!leaves_out(walk, shape.range, [](Port) { return false; }));
    }
  }));
}

TEST_CASE("a walk through an even range visits every port once, the low end's parity first") {
  rc::check([] {
    const auto size = 2 * *rc::gen::inRange<std::uint32_t>(1, 200);
    const auto first = *rc::gen::inRange<std::uint32_t>(1024, 60000);
    const auto ports = visited(connect_walk({ports_from(first, size)}, *rc::gen::arbitrary<std::uint32_t>()));
    RC_ASSERT(ports.size() == size);
    RC_ASSERT(std::set<std::uint32_t>(ports.begin(), ports.end()).size() == size);
    for (std::size_t i = 0; i < ports.size(); ++i) RC_ASSERT((ports[i] % 2 == first % 2) == (i < size / 2));
  });
}

TEST_CASE("a walk through an odd range leaves one port out, unless the socket has a range of its own") {
  rc::check([] {
    const auto size = 2 * *rc::gen::inRange<std::uint32_t>(1, 200) + 1;
    const auto draw = *rc::gen::arbitrary<std::uint32_t>();
    const auto ports = visited(connect_walk({ports_from(40000, size)}, draw));
    RC_ASSERT(std::set<std::uint32_t>(ports.begin(), ports.end()).size() == size - 1);
    const auto own = visited(connect_walk({ports_from(40000, size), true}, draw));
    RC_ASSERT(std::set<std::uint32_t>(own.begin(), own.end()).size() == size);
  });
}

TEST_CASE("bind() to port 0 walks the other parity first, and with SO_REUSEADDR the lower half first") {
  rc::check([] {
    const auto size = 2 * *rc::gen::inRange<std::uint32_t>(2, 200);
    const auto draw = *rc::gen::arbitrary<std::uint32_t>();
    const auto ports = visited(bind_walk({ports_from(40000, size)}, 0, draw));
    RC_ASSERT(std::set<std::uint32_t>(ports.begin(), ports.end()).size() == size);
    for (std::size_t i = 0; i < ports.size(); ++i) RC_ASSERT((ports[i] % 2 == 1) == (i < size / 2));
    const BindWalkShape halves{ports_from(40000, size), false, true};
    RC_ASSERT(halves.pieces() == 2);
    const std::uint32_t split = 40000 + (size / 4) * 2;
    for (const std::uint32_t port : visited(bind_walk(halves, 0, draw))) RC_ASSERT(port < split);
    for (const std::uint32_t port : visited(bind_walk(halves, 1, draw))) RC_ASSERT(port >= split);
  });
}

TEST_CASE("a bitmap search answers as asking port by port does") {
  rc::check([] {
    PortSet blocked;
    std::set<std::uint32_t> taken;
    const auto size = *rc::gen::inRange<std::uint32_t>(1, 600);
    const auto first = *rc::gen::inRange<std::uint32_t>(1, 65536 - size);
    const auto percent = *rc::gen::elementOf(std::vector<int>{0, 30, 90, 99, 100});
    for (std::uint32_t port = first; port < first + size; ++port) {
      if (*rc::gen::inRange(0, 100) >= percent) continue;
      blocked.insert(static_cast<std::uint16_t>(port));
      taken.insert(port);
    }
    for (const std::uint32_t port :
         *rc::gen::container<std::vector<std::uint32_t>>(rc::gen::inRange(first, first + size))) {
      if (port % 3 == 0) {
        blocked.erase(static_cast<std::uint16_t>(port));
        taken.erase(port);
      }
    }
    const auto draw = *rc::gen::arbitrary<std::uint32_t>();
    const auto free = [&](Port port) { return taken.count(port.value) == 0; };
    for (const bool every : {false, true}) {
      const PortWalk walk = connect_walk({ports_from(first, size), every}, draw);
      RC_ASSERT(first_outside(walk, blocked) == first_acceptable(walk, free));
    }
    const BindWalkShape shape{ports_from(first, size), false, draw % 2 == 0};
    for (std::uint32_t piece = 0; piece < shape.pieces(); ++piece) {
      const PortWalk walk = bind_walk(shape, piece, draw);
      RC_ASSERT(first_outside(walk, blocked) == first_acceptable(walk, free));
    }
  });
}
