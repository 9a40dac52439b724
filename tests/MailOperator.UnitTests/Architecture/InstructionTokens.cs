using System.Buffers.Binary;
using System.Reflection;
using System.Reflection.Emit;

namespace MailOperator.UnitTests.Architecture;

/// <summary>The metadata tokens of the types and members that a method's instructions name.</summary>
internal static class InstructionTokens
{
    private static readonly Dictionary<short, OperandType> Operands = typeof(OpCodes)
        .GetFields(BindingFlags.Public | BindingFlags.Static).Select(static field => (OpCode)field.GetValue(null)!)
        .ToDictionary(static code => code.Value, static code => code.OperandType);

    public static IEnumerable<int> Of(byte[] il)
    {
        for (int at = 0; at < il.Length;)
        {
            // An opcode that begins with FE has two bytes.
            short code = il[at] == 0xFE ? unchecked((short)(0xFE00 | il[at + 1])) : il[at];
            at += code is < 0 or > 0xFF ? 2 : 1;
            OperandType operand = Operands[code];
            if (operand is OperandType.InlineField or OperandType.InlineMethod
                or OperandType.InlineTok or OperandType.InlineType)
            {
                yield return Int32(il, at);
            }

            at += Size(operand, il, at);
        }
    }

    private static int Size(OperandType operand, byte[] il, int at) => operand switch
    {
        OperandType.InlineNone => 0,
        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
        OperandType.InlineVar => 2,
        OperandType.InlineI8 or OperandType.InlineR => 8,
        OperandType.InlineSwitch => 4 + (4 * Int32(il, at)),
        _ => 4,
    };

    private static int Int32(byte[] il, int at) => BinaryPrimitives.ReadInt32LittleEndian(il.AsSpan(at));
}
