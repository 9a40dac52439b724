using System.Collections.Concurrent;
using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using CsCheck;
using MailOperator.Tests;

namespace MailOperator.UnitTests.Fuzzing;

/// <summary>
/// Runs a property on what is kept in <c>corpus/TARGET</c> and on inputs that CsCheck makes and shrinks. In
/// <c>make unit</c> these are few and always the same. In <c>make fuzz</c> they are as many as FUZZ_INPUTS says for all
/// properties together, or as FUZZ_MINUTES allow, and an input that fails is added to the corpus.
/// </summary>
internal static class Fuzz
{
    /// <summary>The trait of every class that has such properties.</summary>
    public const string Trait = "runs", Kind = "fuzz";

    private const int Few = 150;
    private const int Chunk = 2_000;
    private const int MaxShown = 2_000;

    private static readonly TimeProvider Clock = TimeProvider.System;
    private static readonly long Started = Clock.GetTimestamp();
    private static readonly int Properties = CountProperties();
    private static readonly ConcurrentDictionary<string, (long Inputs, int Failures)> Results = new();
    private static readonly Lock Reporting = new();
    private static int _begun;

    /// <summary>The inputs that are kept for a target, in the order of their names.</summary>
    public static byte[][] Corpus(string target) =>
        [.. Directory.GetFiles(Folder(target)).Order(StringComparer.Ordinal).Select(File.ReadAllBytes)];

    /// <summary>Fails if the property throws for any input, and shows the smallest that was found.</summary>
    /// <param name="target">Its name, and that of its folder in the corpus.</param>
    /// <param name="inputs">Makes inputs.</param>
    /// <param name="property">Throws if it does not hold.</param>
    public static void Run(string target, Gen<byte[]> inputs, Action<byte[]> property)
    {
        long count = 0;
        byte[] last = [];
        void Try(byte[] input)
        {
            count++;
            try
            {
                property(input);
            }
            catch
            {
                last = input; // shrinking tries ever smaller ones
                throw;
            }
        }

        try
        {
            foreach (byte[] kept in Corpus(target))
            {
                Try(kept);
            }

            if (Number("FUZZ_INPUTS") is { } all)
            {
                RunMany(inputs, Try, () => count, wanted: (all + Properties - 1) / Properties);
            }
            else
            {
                RunFew(inputs, Try);
            }
        }
        catch (Exception e)
        {
            Report(target, count, failures: 1);
            string where = Number("FUZZ_INPUTS") is null ? "" : $", kept as {Keep(target, last)}";
            string why = $"{target} fails for this input of {last.Length} bytes{where}:\n{Shown(last)}\n";
            Assert.Fail(why + (e as CsCheckException ?? e));
        }

        Report(target, count, failures: 0);
    }

    private static void RunFew(Gen<byte[]> inputs, Action<byte[]> property)
    {
        for (uint seed = 1; seed <= Few; seed++)
        {
            property(inputs.Generate(new PCG(seed, 0x6d61696c), null, out _));
        }
    }

    private static void RunMany(Gen<byte[]> inputs, Action<byte[]> property, Func<long> count, long wanted)
    {
        TimeSpan left = TimeSpan.FromMinutes(Number("FUZZ_MINUTES") ?? 10) - Clock.GetElapsedTime(Started);
        TimeSpan share = left / Math.Max(1, Properties - Interlocked.Increment(ref _begun) + 1);
        long started = Clock.GetTimestamp();
        while (count() < wanted && Clock.GetElapsedTime(started) < share)
        {
            inputs.Sample(property, iter: Math.Min(Chunk, wanted - count()), threads: 1, print: Shown);
        }
    }

    private static int CountProperties() => typeof(Fuzz).Assembly.GetTypes()
        .Where(static type => type.Namespace == typeof(Fuzz).Namespace
            && type.GetCustomAttributes<TraitAttribute>().Any(static one => one is { Name: Trait, Value: Kind }))
        .Sum(static type => type.GetMethods().Count(static one => one.GetCustomAttribute<FactAttribute>() is not null));

    private static string Folder(string target) =>
        Repository.Path("tests", "MailOperator.UnitTests", "Fuzzing", "corpus", target);

    private static string Keep(string target, byte[] input)
    {
        string name = "found-" + Convert.ToHexStringLower(SHA256.HashData(input))[..12];
        File.WriteAllBytes(Path.Combine(Folder(target), name), input);
        return $"corpus/{target}/{name}";
    }

    private static string Shown(byte[] input)
    {
        var text = new StringBuilder();
        foreach (char one in Encoding.Latin1.GetString(input.AsSpan(0, Math.Min(input.Length, MaxShown))))
        {
            text.Append(one is (>= ' ' and <= '~') and not '\\'
                ? $"{one}"
                : string.Create(CultureInfo.InvariantCulture, $"\\x{(int)one:x2}"));
        }

        return text.Append(input.Length > MaxShown ? "…" : "").ToString();
    }

    // The whole file again after each property, so that a run that is stopped leaves what it knew.
    private static void Report(string target, long inputs, int failures)
    {
        lock (Reporting)
        {
            Results.AddOrUpdate(
                target, (inputs, failures), (_, before) => (before.Inputs + inputs, before.Failures + failures));
            if (Environment.GetEnvironmentVariable("FUZZ_REPORT") is { Length: > 0 } file)
            {
                File.WriteAllLines(file, Results.OrderBy(static one => one.Key, StringComparer.Ordinal).Select(
                    static one => $"{one.Key}: {one.Value.Inputs} inputs, {one.Value.Failures} failures"));
            }
        }
    }

    private static long? Number(string variable) =>
        long.TryParse(
            Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture,
            out long value)
            ? value
            : null;
}
