using System.Text;
using CsCheck;
using MailOperator.SecretTemplates;

namespace MailOperator.UnitTests.SecretTemplates;

public sealed class SecretTemplateTests
{
    private static readonly string[] Variables = ["host", "port", "username", "password", "imap_host"];

    private static readonly Dictionary<string, string> Values = new()
    {
        ["host"] = "mail.example.com",
        ["port"] = "587",
        ["username"] = "alerts@example.com",
        ["password"] = "a\"b<c&d'e\\f/g",
    };

    [Theory]
    [InlineData("{{ host }}:{{ port }}", "mail.example.com:587")]
    [InlineData("{{host}}", "mail.example.com")]
    [InlineData("plain {text} with % and }}", "plain {text} with % and }}")]
    [InlineData("", "")]
    [InlineData("{{ password }}", "a\"b<c&d'e\\f/g")] // escaped only by a filter
    [InlineData("{{ imap_host }}", "")] // known, but this device has no value for it
    [InlineData("{{ imap_host | default: 'none' }}", "none")]
    [InlineData("{% if imap_host %}yes{% else %}no{% endif %}", "no")]
    [InlineData("{% if port == '465' %}tls{% elsif port == '587' %}starttls{% endif %}", "starttls")]
    [InlineData("{% unless host contains 'example' %}a{% endunless %}b", "b")]
    [InlineData("{% case port %}{% when '25', '587' %}submission{% else %}other{% endcase %}", "submission")]
    [InlineData("{% raw %}{{ host }}{% endraw %}{% comment %}{{ nothing }}{% endcomment %}", "{{ host }}")]
    [InlineData("a {{- host -}} b", "amail.example.comb")]
    [InlineData("{{ username | split: '@' | first }}/{{ username | split: '@' | last }}", "alerts/example.com")]
    [InlineData("{{ username | url_encode }}", "alerts%40example.com")]
    [InlineData("{{ password | url_encode }}", "a%22b%3Cc%26d%27e%5Cf%2Fg")]
    [InlineData("{{ password | json }}", "\"a\\\"b<c&d'e\\\\f/g\"")]
    [InlineData("{{ password | escape }}", "a&quot;b&lt;c&amp;d&#39;e\\f/g")]
    [InlineData("{{ host | append: ':' | append: port | base64_encode }}", "bWFpbC5leGFtcGxlLmNvbTo1ODc=")]
    [InlineData("{{ port | prepend: 'p' | upcase | downcase | strip | remove: '8' | replace: '5', '55' }}", "p557")]
    [InlineData("{{ host | replace: '', 'x' }}{{ host | append }}", "mail.example.commail.example.com")]
    public void Render_Template_GivesThisText(string template, string expected) =>
        Assert.Equal(expected, Render(template));

    [Theory]
    [InlineData(
        "{{ hots }}", "variable 'hots' is not known at (1:4); there are host, port, username, password, imap_host")]
    [InlineData("host\n  {{ host }} {{ hosts }}", "'hosts' is not known at (2:17)")]
    [InlineData("{{ imap-host }}", "variable 'imap-host' is not known at (1:4)")]
    // The habits of Go. Mutant: the parser's words, which nobody understands who writes Helm charts.
    [InlineData("{{ .host }}", "'{{ .host' is a template of Go, and templates are Liquid: write {{ host }}")]
    [InlineData("a {{- .Host -}} b", "templates are Liquid: write {{ host }}")]
    [InlineData("{{ .Values.port }}", "templates are Liquid: write {{ port }}")]
    [InlineData("{{ $server }}", "templates are Liquid: write {{ host }}")]
    [InlineData("{{ if .host }}x{{ end }}", "tags are written {% if host %}…{% endif %}")]
    [InlineData("{{ range .hosts }}x{{ end }}", "tags are written {% if host %}…{% endif %}")]
    // In a branch that is never taken.
    [InlineData("{% if host %}{% else %}{{ other }}{% endif %}", "variable 'other' is not known")]
    [InlineData("{{ host | append: other }}", "variable 'other'")]
    [InlineData("{% if host == other %}{% endif %}", "variable 'other'")]
    [InlineData("{% case other %}{% when '1' %}{% endcase %}", "variable 'other'")]
    [InlineData("{% case host %}{% when other %}{% endcase %}", "variable 'other'")]
    [InlineData("{{ host | date: '%Y' }}", "filter 'date' is not known at (1:11)")]
    [InlineData("{{ host | join: 'x' }}", "filter 'join'")]
    [InlineData("{{ password.size }}", "'password.size' is not known")]
    [InlineData("{{ password[0] }}", "'password[…]' is not known at (1:4)")]
    [InlineData("{{ host['x'] }}", "'host[…]' is not known")]
    [InlineData("{{ (1..1000000000) }}", "a range")]
    [InlineData("{{ host", "'}}' was expected at (1:8)")]
    [InlineData("{{ }}", "at (1:3)")]
    [InlineData("line\n{{ | }}", "(2:3)")]
    [InlineData("{% if host %}", "endif")]
    [InlineData("{% for i in host %}{% endfor %}", "Unknown tag 'for' at (1:7)")]
    [InlineData("{% assign a = host %}", "Unknown tag 'assign'")]
    [InlineData("{% capture a %}{% endcapture %}", "Unknown tag 'capture'")]
    [InlineData("{% include 'x' %}", "Unknown tag 'include'")]
    [InlineData("{% render 'x' %}", "Unknown tag 'render'")]
    [InlineData("{% increment a %}", "Unknown tag 'increment'")]
    [InlineData("{% cycle 'a', 'b' %}", "Unknown tag 'cycle'")]
    [InlineData("{% liquid echo host %}", "Unknown tag 'liquid'")]
    [InlineData("{{ host() }}", "not allowed")]
    public void Parse_InvalidTemplate_ReportsTheProblemAndItsPosition(string template, string words)
    {
        Assert.False(SecretTemplate.TryParse(template, Variables, out SecretTemplate? parsed, out string? problem));

        Assert.Null(parsed);
        Assert.Contains(words, problem);
        Assert.DoesNotContain('\n', problem);
    }

    [Fact]
    public void Parse_TooDeepOrTooLong_IsRefusedBeforeItIsParsed()
    {
        // Mutant: leave it to the parser, which is recursive: a stack overflow ends the process without an exception.
        string[] deep =
        [
            Repeat("{%if host%}", 372),
            "{{" + Repeat("host[", 800) + "}}",
            "{{" + Repeat("(", 4000) + "}}",
            "{{host" + Repeat("|strip", 600) + "}}",
            Repeat("x", SecretTemplate.MaxTemplateLength + 1),
        ];

        Assert.All(deep, template => Assert.False(SecretTemplate.TryParse(template, Variables, out _, out _)));
    }

    [Fact]
    public void Parse_AsDeepAsIsAllowed_FitsOnASmallStack()
    {
        string[] deepest =
        [
            Repeat("{%if host%}", TemplateShape.MaxTags / 2) + Repeat("{%endif%}", TemplateShape.MaxTags / 2),
            "{{" + Repeat("host[", TemplateShape.MaxOpenings) + "1" + Repeat("]", TemplateShape.MaxOpenings) + "}}",
            "{{" + Repeat("(", TemplateShape.MaxOpenings) + "}}",
        ];
        OnASmallStack(() =>
            Array.ForEach(deepest, static template => SecretTemplate.TryParse(template, Variables, out _, out _)));

        Assert.True(SecretTemplate.TryParse(deepest[0], Variables, out _, out string? problem), problem);
    }

    [Fact]
    public void Render_LongestChains_FitOnASmallStack()
    {
        string[] templates =
        [
            "{{host" + Repeat("|strip", TemplateShape.MaxOpenings) + "}}",
            "{%if host" + Repeat(" and host", 440) + "%}yes{%endif%}",
            "{%if host%}a" + Repeat("{%elsif port%}b", 30) + "{%endif%}",
        ];
        var results = new List<string>();

        OnASmallStack(() => results = [.. templates.Select(Render)]);

        Assert.Equal(["mail.example.com", "yes", "a"], results);
    }

    [Theory]
    [InlineData("{{ host | base64_encode }}", "| base64_encode ")]
    [InlineData("{{ password | json }}", "| json ")]
    [InlineData("{{ host | replace: 'm', 'mmmmmmmmmm' }}", "| replace: 'm', 'mmmmmmmmmm' ")]
    [InlineData("{{ host | replace: 'm', host }}", "| replace: 'm', host ")]
    public void Render_ChainThatMultiplies_IsStoppedEarly(string template, string more)
    {
        // Mutant: check the length only at the end. Fifty of these in a row exhaust any memory.
        string bomb = template.Insert(template.Length - 2, Repeat(more, 50));
        long before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Throws<TextTooLongException>(() => Render(bomb));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 16_000_000);
    }

    [Fact]
    public void Render_LongerThanAllowed_ThrowsWithoutTheText()
    {
        Assert.True(
            SecretTemplate.TryParse("{{ password }}{{ password }}", Variables, out SecretTemplate? template, out _));

        var e = Assert.Throws<TextTooLongException>(() => template.Render(Values, maxLength: 20));

        Assert.DoesNotContain("b<c", e.ToString());
        Assert.Equal(
            2 * Values["password"].Length, template.Render(Values, maxLength: 2 * Values["password"].Length).Length);
    }

    [Fact]
    public void Parse_AnyText_IsRefusedOrRenders()
    {
        string[] parts =
        [
            "{{", "}}", "{%", "%}", "host", "password", "|", "append", "split", "first", "replace", ":", ",", "'", "\"",
            "==", ">", "<=", "contains", "and", "or", "if", "endif", "else", "case", "when", "endcase", "unless",
            "endunless", "raw", "endraw", "comment", "1", "-1", "1.5", "nil", "true", "blank", "empty", ".", "..", "[",
            "]", "(", ")", " ", " ", "\n", "-", "#", "\0", "ü", "=", "?",
        ];
        Gen.Int[0, parts.Length - 1].Array[0, 24].Sample(
            indexes =>
            {
                string text = string.Concat(indexes.Select(index => parts[index]));
                if (SecretTemplate.TryParse(text, Variables, out SecretTemplate? template, out string? problem))
                {
                    template.Render(Values);
                }
                else
                {
                    Assert.DoesNotContain(Values["password"], problem);
                }
            },
            iter: 20_000);
    }

    [Theory]
    [InlineData("{{ host }}", false)]
    [InlineData("{{ host | append: password }}", true)]
    [InlineData("{% if host %}{% else %}{{ password }}{% endif %}", true)]
    [InlineData("{% raw %}{{ password }}{% endraw %}", false)]
    public void Uses_Password_IsKnownBeforeItIsRendered(string text, bool expected)
    {
        Assert.True(SecretTemplate.TryParse(text, Variables, out SecretTemplate? template, out _));

        Assert.Equal(expected, template.Uses("password"));
    }

    [Fact]
    public void WipedText_Disposed_IsOverwritten()
    {
        var text = new WipedText(1000);
        text.Write("hidden");
        text.Write(Repeat("x", 900)); // the buffer has grown
        byte[] bytes = text.ToUtf8();

        text.Dispose();

        Assert.StartsWith("hidden", Encoding.UTF8.GetString(bytes));
        Assert.All(text.ToUtf8(), static one => Assert.Equal(0, one));
        Assert.Throws<TextTooLongException>(() => text.Write(Repeat("x", 95)));
    }

    private static string Render(string text)
    {
        Assert.True(
            SecretTemplate.TryParse(text, Variables, out SecretTemplate? template, out string? problem), problem);
        return Encoding.UTF8.GetString(template.Render(Values));
    }

    private static string Repeat(string text, int times) => string.Concat(Enumerable.Repeat(text, times));

    // A sixth of a thread's stack. The first run is on the normal stack, because the JIT needs far more than the code.
    private static void OnASmallStack(Action act)
    {
        act();
        var thread = new Thread(() => act(), maxStackSize: 256 * 1024);
        thread.Start();
        thread.Join();
    }
}
