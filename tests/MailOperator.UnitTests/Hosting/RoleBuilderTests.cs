using System.Text.Json;
using MailOperator.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace MailOperator.UnitTests.Hosting;

public sealed class RoleBuilderTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("json")]
    [InlineData("simple")]
    public async Task Console_WritesAsTheSettingsSay(string? formatter) // mutant: AddSimpleConsole, whatever they say
    {
        WebApplicationBuilder builder = RoleBuilder.Create(
            "MAIL_OPERATOR_", formatter is null ? [] : [$"--Logging:Console:FormatterName={formatter}"]);
        await using WebApplication app = builder.Build();
        string? named = app.Services.GetRequiredService<IOptions<ConsoleLoggerOptions>>().Value.FormatterName;
        ConsoleFormatter console = app.Services.GetServices<ConsoleFormatter>().Single(one =>
            one.Name == (named ?? ConsoleFormatterNames.Simple));
        var line = new StringWriter();
        console.Write(
            new LogEntry<string>(LogLevel.Information, "Devices", 1, "Issued", null, static (text, _) => text),
            scopeProvider: null, line);

        string written = line.ToString();
        Assert.Single(written.TrimEnd().Split('\n'));
        if (formatter == "json")
        {
            using var document = JsonDocument.Parse(written);
            Assert.Equal("Issued", document.RootElement.GetProperty("Message").GetString());
            Assert.EndsWith("Z", document.RootElement.GetProperty("Timestamp").GetString(), StringComparison.Ordinal);
        }
        else
        {
            Assert.Matches("^[0-9-]{10}T[0-9:.]{12}Z info: Devices\\[1\\] Issued", written);
        }
    }
}
