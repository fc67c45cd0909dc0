"""Conversations are written in each family's own form, by us."""

from generation.engine.chat import CHATML, GEMMA, LLAMA3, ChatFormat, chat_format

TURNS = (("system", "Be brief."), ("user", "A cap"), ("assistant", "A cap."))


def written(form: ChatFormat) -> str:
    return "".join(text for text, _is_mark in [*form.prefix(TURNS), *form.suffix("A scarf")])


def test_chatml() -> None:
    assert written(CHATML) == (
        "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nA cap<|im_end|>\n"
        "<|im_start|>assistant\nA cap.<|im_end|>\n"
        "<|im_start|>user\nA scarf<|im_end|>\n<|im_start|>assistant\n"
    )


def test_llama_3() -> None:
    assert written(LLAMA3).startswith(
        "<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\nBe brief.<|eot_id|>"
    )


def test_gemma_has_no_system_turn_and_calls_the_assistant_model() -> None:
    assert written(GEMMA) == (
        "<bos><start_of_turn>user\nBe brief.<end_of_turn>\n<start_of_turn>user\nA cap<end_of_turn>\n"
        "<start_of_turn>model\nA cap.<end_of_turn>\n<start_of_turn>user\nA scarf<end_of_turn>\n"
        "<start_of_turn>model\n"
    )


def test_the_vocabulary_says_which_form_is_meant() -> None:
    assert chat_format({"<start_of_turn>", "<end_of_turn>"}.__contains__) is GEMMA
