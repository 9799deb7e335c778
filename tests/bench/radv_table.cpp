// Writes what Mesa's RADV compiler makes of every pipeline, for graphics cards that need not be there. By hand, after
// a change to the shaders or to Mesa:
//
//     cmake --build build/dev --target radv_table
//     build/dev/tests/vulkan/radv_table tests/bench/radv.md
//
// It sets the environment that chooses the driver itself, unless VK_ICD_FILENAMES names one, and takes other families
// after the file. Nothing checks the file: what must not be, spilled
// registers, is test_vulkan_compiles' to find, which also compiles for other work groups and subgroups.
#include <array>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "engine/base/error.h"
#include "engine/devices/device_list.h"
#include "tests/vulkan/pipeline_report.h"

namespace {

const std::vector<std::string> kFamilies = {"rembrandt", "renoir", "raven", "vangogh", "gfx1100"};

constexpr std::array<const char*, 9> kColumns = {"VGPRs",
                                                 "SGPRs",
                                                 "Spilled VGPRs",
                                                 "Spilled SGPRs",
                                                 "Scratch size",
                                                 "LDS size",
                                                 "Subgroups per SIMD",
                                                 "Code size",
                                                 "Inverse Throughput"};

void writeFamily(const std::string& family, std::ostream& out) {
    setenv("RADV_FORCE_FAMILY", family.c_str(), 1);
    const alcove::engine::DeviceInfo device = alcove::engine::listDevices().front();
    out << "\n## " << device.name << "\n\n" << device.driver << "\n\n| pipeline (constants) |";
    for (const char* column : kColumns) {
        out << " " << column << " |";
    }
    out << "\n|---|";
    for (std::size_t i = 0; i < kColumns.size(); ++i) {
        out << "---:|";
    }
    out << "\n";
    for (const alcove::tests::PipelineReport& report : alcove::tests::reportOnEveryPipeline(device, 2)) {
        out << "| " << report.name << " |";
        for (const char* column : kColumns) {
            const std::optional<std::uint64_t> value = report.find(column);
            out << " " << (value ? std::to_string(*value) : "-") << " |";
        }
        out << "\n";
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        std::cerr << "usage: radv_table FILE [FAMILY…]\n";
        return 2;
    }
    setenv("VK_ICD_FILENAMES", ALCOVE_RADV_ICD, 0);
    setenv("RADV_DEBUG", "nocache", 1);
    try {
        std::ofstream out(argv[1]);
        out << "# What RADV makes of the pipelines\n\nWritten by tests/bench/radv_table.cpp; compiled, not run.\n";
        const std::vector<std::string> wanted(argv + 2, argv + argc);
        for (const std::string& family : wanted.empty() ? kFamilies : wanted) {
            writeFamily(family, out);
        }
        out.close();
        if (!out) {
            std::cerr << "radv_table: cannot write " << argv[1] << "\n";
            return 1;
        }
    } catch (const alcove::engine::Error& error) {
        std::cerr << "radv_table: " << error.what() << "\n";
        return 1;
    }
    return 0;
}
